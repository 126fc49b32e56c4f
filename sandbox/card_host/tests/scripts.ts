// Builds worker and card once per run, as `npm run build` does, and hands their text to the tests.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import type { TestProject } from 'vitest/node';
import { bundleConfig } from '../../../hubspot_cards/bundles.mjs';
import { scriptConfig } from '../script.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    workerScript: string;
    cardScript: string;
    settingsScript: string;
    /** The card's fixtures by name. */
    views: Record<string, object>;
  }
}

const CARD_ROOT = fileURLToPath(new URL('../../../hubspot_cards/', import.meta.url));

export default async function setup(project: TestProject): Promise<void> {
  const [worker, card, settings] = await Promise.all([
    text(scriptConfig('worker')),
    text(bundleConfig('proposal-card')),
    text(bundleConfig('settings')),
  ]);
  project.provide('workerScript', worker);
  project.provide('cardScript', card);
  project.provide('settingsScript', settings);
  project.provide('views', views(`${CARD_ROOT}tests/fixtures/`));
}

async function text(config: InlineConfig): Promise<string> {
  const made = await build({ ...config, build: { ...config.build, write: false } });
  const output = Array.isArray(made) ? made[0] : made;
  if (!output || !('output' in output)) throw new Error('the build gave nothing');
  const [chunk] = output.output;
  return chunk.code;
}

function views(folder: string): Record<string, object> {
  const files = readdirSync(folder);
  const read = (file: string) => JSON.parse(readFileSync(folder + file, 'utf8')) as object;
  return Object.fromEntries(files.map((file) => [file.replace(/\.json$/, ''), read(file)]));
}
