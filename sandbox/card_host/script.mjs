// How each of the host's scripts is built: one iife under a fixed name.
import { fileURLToPath } from 'node:url';

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export function scriptConfig(name) {
  return {
    root: here('.'),
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: here('dist'),
      emptyOutDir: false,
      target: 'es2020',
      lib: { entry: here(`src/${name}.ts`), formats: ['iife'], name: `propale_${name}`, fileName: () => `${name}.js` },
    },
  };
}
