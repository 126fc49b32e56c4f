// Views as the server sends them; `tests/fixtures/*.json`, each checked against the API's schema.
import { readFileSync, readdirSync } from 'node:fs';
import type { View } from '../src/app/cards/apiTypes';

const FOLDER = new URL('./fixtures/', import.meta.url);

export function fixture(name: string, overrides: Partial<View> = {}): View {
  const view = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as View;
  return { ...view, ...overrides };
}

export function fixtureNames(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, '')).sort();
}
