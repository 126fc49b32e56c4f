// Builds host.js (the page), worker.js (the card's realm) and host.css under fixed names into dist/.
import { copyFile, rm } from 'node:fs/promises';
import { build } from 'vite';
import { here, scriptConfig } from './script.mjs';

await rm(here('dist'), { recursive: true, force: true });
await build(scriptConfig('host'));
await build(scriptConfig('worker'));
await copyFile(here('src/host.css'), here('dist/host.css'));
