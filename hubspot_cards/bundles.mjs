// The project's bundles, to the contract HubSpot's own build keeps: one iife each, which takes React and
// RemoteUI from the worker's globals. Vite 6 on purpose: a Vite 8 iife of the same sources loads blank.
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Entry of each bundle by its name, which is the file's name in dist/. */
export const BUNDLES = {
  'proposal-card': 'src/app/cards/CreateProposal.tsx',
  settings: 'src/app/settings/Settings.tsx',
};

export function bundleConfig(name) {
  return {
    root: here('.'),
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    // HubSpot's build uses the classic runtime: React is a global, react/jsx-runtime is not.
    esbuild: { jsx: 'transform' },
    build: {
      outDir: here('dist'),
      emptyOutDir: false,
      target: 'es2020',
      lib: {
        entry: here(BUNDLES[name]),
        formats: ['iife'],
        name: name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()),
        fileName: () => `${name}.js`,
      },
      rollupOptions: {
        external: ['react', 'react-dom', '@remote-ui/react'],
        output: { globals: { react: 'React', 'react-dom': 'ReactDOM', '@remote-ui/react': 'RemoteUI' }, extend: true },
      },
    },
  };
}
