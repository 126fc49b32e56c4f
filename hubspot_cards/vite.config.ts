// Builds the card to the contract HubSpot's own build keeps: one iife that takes React and RemoteUI
// from the worker's globals. Vite 6 on purpose: a Vite 8 iife of the same sources loads blank.
import { defineConfig } from 'vite';

export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  // HubSpot's build uses the classic runtime: React is a global, react/jsx-runtime is not.
  esbuild: { jsx: 'transform' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2020',
    lib: {
      entry: 'src/app/cards/CreateProposal.tsx',
      formats: ['iife'],
      name: 'proposalCard',
      fileName: () => 'proposal-card.js',
    },
    rollupOptions: {
      external: ['react', 'react-dom', '@remote-ui/react'],
      output: { globals: { react: 'React', 'react-dom': 'ReactDOM', '@remote-ui/react': 'RemoteUI' }, extend: true },
    },
  },
});
