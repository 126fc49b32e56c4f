// The project as HubSpot's own parsing library sees it, with no network, and as our strict schemas do.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseProjectConfig } from '@hubspot/project-parsing-lib/projects';
import { translate } from '@hubspot/project-parsing-lib/translate';
import { validateUid } from '@hubspot/project-parsing-lib/uid';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROFILES = ['production', 'development'];
const LOCATIONS = ['crm.record.sidebar', 'crm.record.tab'];

const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const parse = (root: string, profile: string) =>
  translate({ projectSourceDir: join(root, 'src'), platformVersion: '2026.09' }, { skipValidation: true, profile });

const copies: string[] = [];
afterEach(() => copies.splice(0).forEach((copy) => rmSync(copy, { recursive: true })));

function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'propale-project-'));
  copies.push(copy);
  cpSync(join(ROOT, 'hsproject.json'), join(copy, 'hsproject.json'));
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
  return copy;
}

describe('HubSpot’s parser', () => {
  it('reads the project’s configuration', () => {
    expect(parseProjectConfig(ROOT)).toEqual({ name: 'propale', srcDir: 'src', platformVersion: '2026.09' });
  });

  it.each(PROFILES)('builds app, two cards and settings with the profile %s', async (profile) => {
    const { intermediateRepresentation, skippedHsMetaFiles } = await parse(ROOT, profile);
    const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid);
    const { BACKEND_URL } = json(`src/hsprofile.${profile}.json`).variables;

    expect(skippedHsMetaFiles).toEqual([]);
    expect(nodes.map((node) => node.componentType).sort()).toEqual(['APPLICATION', 'CARD', 'CARD', 'SETTINGS']);
    expect(JSON.stringify(nodes)).toContain(`${BACKEND_URL}/oauth/hubspot/callback`);
    expect(JSON.stringify(nodes)).toContain('"distribution":"private"');
    expect(JSON.stringify(nodes)).not.toContain('${');
    nodes.forEach((node) => expect(validateUid(node.uid)).toBeUndefined());
  });

  it('refuses a uid used twice', async () => {
    const copy = copyOfProject();
    const twin = join(copy, 'src/app/cards/twin-hsmeta.json');
    cpSync(join(copy, 'src/app/cards/create-proposal-tab-hsmeta.json'), twin);

    await expect(parse(copy, 'production')).rejects.toThrow(/propale_create_proposal_tab/);
  });

  it('names a file put where HubSpot would silently skip it', async () => {
    const copy = copyOfProject();
    cpSync(
      join(copy, 'src/app/cards/create-proposal-tab-hsmeta.json'),
      join(copy, 'src/app/cards/states/lost-hsmeta.json'),
    );

    expect((await parse(copy, 'production')).skippedHsMetaFiles.length).toBe(1);
  });

  it('offers the app to anybody where the profile says so', async () => {
    const copy = copyOfProject();
    const variables = { BACKEND_URL: 'https://propale.example', DISTRIBUTION: 'marketplace' };
    writeFileSync(join(copy, 'src/hsprofile.production.json'), JSON.stringify({ accountId: 1, variables }));

    const { intermediateRepresentation } = await parse(copy, 'production');

    expect(JSON.stringify(intermediateRepresentation)).toContain('"distribution":"marketplace"');
  });

  it('knows no variable the profile lacks', async () => {
    const copy = copyOfProject();
    const variables = { DISTRIBUTION: 'private' };
    writeFileSync(join(copy, 'src/hsprofile.production.json'), JSON.stringify({ accountId: 1, variables }));

    await expect(parse(copy, 'production')).rejects.toThrow(/BACKEND_URL/);
  });
});

describe('our schemas', () => {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  const check = (schema: string, value: unknown) => ajv.validate(json(`schemas/${schema}.schema.json`), value);
  const cards = readdirSync(join(ROOT, 'src/app/cards')).filter((file) => file.endsWith('-hsmeta.json'));

  it('accept every file', () => {
    expect(check('hsproject', json('hsproject.json'))).toBe(true);
    expect(check('app', json('src/app/app-hsmeta.json'))).toBe(true);
    PROFILES.forEach((profile) => expect(check('hsprofile', json(`src/hsprofile.${profile}.json`))).toBe(true));
    expect(check('settings', json('src/app/settings/settings-hsmeta.json'))).toBe(true);
    cards.forEach((card) => expect(check('card', json(`src/app/cards/${card}`))).toBe(true));
  });

  it.each([
    ['app', 'src/app/app-hsmeta.json'],
    ['card', 'src/app/cards/create-proposal-tab-hsmeta.json'],
    ['settings', 'src/app/settings/settings-hsmeta.json'],
  ])('refuse an unknown key anywhere in the %s', (schema, file) => {
    const good = json(file);

    expect(check(schema, { ...good, colour: 'red' })).toBe(false);
    expect(check(schema, { ...good, config: { ...good.config, colour: 'red' } })).toBe(false);
  });

  it('refuse plain HTTP and localhost', () => {
    const profile = json('src/hsprofile.production.json');

    ['http://propale.example', 'https://localhost:8000', 'https://127.0.0.1'].forEach((BACKEND_URL) =>
      expect(check('hsprofile', { ...profile, variables: { ...profile.variables, BACKEND_URL } })).toBe(false),
    );
  });

  it('refuse a distribution that HubSpot does not know', () => {
    const profile = json('src/hsprofile.production.json');

    expect(check('hsprofile', { ...profile, variables: { ...profile.variables, DISTRIBUTION: 'public' } })).toBe(false);
  });

  it('the settings have a component that exists', () => {
    const { entrypoint } = json('src/app/settings/settings-hsmeta.json').config;

    expect(existsSync(join(ROOT, 'src', entrypoint))).toBe(true);
  });

  it('both places of the card share one component that exists', () => {
    const configs = cards.map((card) => json(`src/app/cards/${card}`).config);

    expect(configs.map((config) => config.location).sort()).toEqual(LOCATIONS);
    configs.forEach((config) => expect(existsSync(join(ROOT, 'src', config.entrypoint))).toBe(true));
  });
});
