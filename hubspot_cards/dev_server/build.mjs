// Builds the project's entries as HubSpot does after an upload: node build.mjs SOURCES OUTPUT
import { join } from 'node:path';
import { remoteBuild } from '@hubspot/ui-extensions-dev-server/build';
import { BUNDLES } from '../bundles.mjs';

const [sources, output] = process.argv.slice(2);
for (const [name, entry] of Object.entries(BUNDLES)) {
  await remoteBuild({ root: sources, entryPoint: join(sources, entry), outputDir: join(output, name), logLevel: 'warn' });
}
