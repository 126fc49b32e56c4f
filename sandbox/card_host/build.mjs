// Builds host.js (the page), worker.js (the card's realm) and host.css under fixed names into dist/.
import { copyFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function script(name) {
  return build({
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
  });
}

await rm(here('dist'), { recursive: true, force: true });
await script('host');
await script('worker');
await copyFile(here('src/host.css'), here('dist/host.css'));
