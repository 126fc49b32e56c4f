// Builds every bundle of the project into dist/.
import { rm } from 'node:fs/promises';
import { build } from 'vite';
import { BUNDLES, bundleConfig } from './bundles.mjs';

await rm(new URL('dist', import.meta.url), { recursive: true, force: true });
for (const name of Object.keys(BUNDLES)) await build(bundleConfig(name));
