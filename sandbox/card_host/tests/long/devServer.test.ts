// HubSpot's own build of the same sources: it registers, and shows the same as ours in every state.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { mountCard } from '../../src/mount';
import { startProxy, type ProxyServer } from '../proxyServer';
import { startRealm, type Realm } from '../realm';

const THEIRS = process.env.DEV_SERVER_OUTPUT ?? '';
const cardBuilt = readFileSync(`${THEIRS}/proposal-card/CreateProposal.js`, 'utf8');
const settingsBuilt = readFileSync(`${THEIRS}/settings/Settings.js`, 'utf8');

const CONTEXT = {
  location: 'crm.record.tab',
  user: { id: 7001, email: 'dana@maison.example', firstName: 'Dana', lastName: 'Petit', locale: 'fr-fr' },
  portal: { id: 148111, timezone: 'Europe/Paris' },
  crm: { objectId: 4711, objectTypeId: '0-3' },
  variables: { BACKEND_URL: 'http://product.example' },
};

const open: (Realm | ProxyServer)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const QUIET_MS = 150;

/** What the host shows of a bundle, once it stands still. */
async function shown(bundle: string, view: object): Promise<string> {
  document.body.innerHTML = '<div id="card"></div>';
  const proxy = await startProxy(() => view);
  const realm = startRealm(inject('workerScript'), bundle);
  open.push(proxy, realm);
  mountCard({ context: CONTEXT, cardUrl: '/card.js', workerUrl: '', proxyUrl: proxy.url, mount: '#card' }, realm);
  return vi.waitUntil(() => settled(document.querySelector('#card')), { interval: QUIET_MS, timeout: 10_000 });
}

let before = '';

/** What stands there, when there is a button and it was the same at the last look. */
function settled(card: Element | null): string {
  // React numbers its ids through, from one card to the next.
  const [last, now] = [before, (card?.innerHTML ?? '').replace(/:r\w+:/g, ':r:')];
  before = now;
  return now === last && card?.querySelector('button') ? now : '';
}

describe('the card', () => {
  it.each(Object.entries(inject('views')))('%s is the same', async (_name, view) => {
    expect(await shown(cardBuilt, view)).toBe(await shown(inject('cardScript'), view));
  });

  it('differs where its words do', async () => {
    const views = inject('views');
    const other = cardBuilt.replaceAll('Proposition acceptée', 'Autre chose');

    expect(await shown(other, views.accepted ?? {})).not.toBe(await shown(cardBuilt, views.accepted ?? {}));
  });
});

describe('the settings page', () => {
  it('is the same', async () => {
    expect(await shown(settingsBuilt, {})).toBe(await shown(inject('settingsScript'), {}));
  });
});
