// The real bundle in the real worker script, shown by the real page script, without a browser.
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { mountCard } from '../src/mount';
import type { CardContext } from '../src/protocol';
import { startProxy, type Arrived, type ProxyServer } from './proxyServer';
import { startRealm, type Realm } from './realm';

let realm: Realm;
let proxy: ProxyServer;

beforeEach(() => {
  document.body.innerHTML = '<div id="card"></div>';
  delete window.__cardError;
});

afterEach(async () => {
  vi.restoreAllMocks();
  await realm.close();
  proxy?.close();
});

const CONTEXT = {
  location: 'crm.record.tab',
  user: { id: 7001, email: 'dana@maison.example', firstName: 'Dana', lastName: 'Petit', locale: 'fr-fr' },
  portal: { id: 148111, timezone: 'Europe/Paris' },
  crm: { objectId: 4711, objectTypeId: '0-3' },
  variables: { BACKEND_URL: 'http://product.example' },
};

async function open(
  cardScript: string,
  script: (call: Arrived) => unknown = () => ({}),
  context: CardContext = CONTEXT,
): Promise<void> {
  proxy = await startProxy(script);
  realm = startRealm(inject('workerScript'), cardScript);
  const page = { context, cardUrl: '/card.js', workerUrl: '', proxyUrl: proxy.url, mount: '#card' };
  mountCard(page, realm);
}

const fixture = (name: string) => inject('views')[name];

/** A card in one line: what it renders, with HubSpot's globals. */
const tiny = (name: string, props: string, children: string) =>
  `extend_V2(() => React.createElement(RemoteUI.createRemoteReactComponent('${name}'), ${props}, ${children}));`;

const shown = () => document.querySelector('#card')?.textContent ?? '';
const button = (words: string) =>
  [...document.querySelectorAll('button')].find((candidate) => candidate.textContent?.includes(words));

describe('the proposal card', () => {
  it('shows the offer, takes the click and follows it to sent', async () => {
    let state = 'ready';
    await open(inject('cardScript'), async (call) => {
      if (call.method === 'POST') {
        state = 'sent';
        return { state: 'taken' };
      }
      return fixture(state);
    });
    const refreshed = vi.fn();
    document.addEventListener('crm:refresh', refreshed);
    await vi.waitFor(() => expect(button('Créer et envoyer à Jeanne Martin')).toBeDefined(), 5_000);

    button('Créer et envoyer à Jeanne Martin')?.click();

    await vi.waitFor(() => expect(shown()).toContain('Proposition envoyée'), 5_000);
    expect(proxy.arrived[1]).toMatchObject({
      url: 'http://product.example/api/card/deals/4711/proposals?lang=fr',
      method: 'POST',
      body: { recipientContactId: '501' },
    });
    await vi.waitFor(() => expect(refreshed).toHaveBeenCalled());
    expect(window.__cardError).toBeUndefined();
  });

  it('lets a recipient be chosen', async () => {
    await open(inject('cardScript'), () => fixture('choose_recipient'));
    await vi.waitFor(() => expect(document.querySelectorAll('input[type=radio]').length).toBe(2), 5_000);

    document.querySelectorAll<HTMLInputElement>('input[type=radio]')[1]?.click();

    await vi.waitFor(() => expect(button('Créer et envoyer à Paul Girard')).toBeDefined());
  });
});

describe('the settings page', () => {
  it('leads to Propale by a link made for this person', async () => {
    const { crm: _, ...context } = { ...CONTEXT, location: 'settings' };
    await open(inject('settingsScript'), () => ({ url: 'https://propale.example/sign-in/abc' }), context);
    await vi.waitFor(() => expect(button('Ouvrir mon espace Propale')).toBeDefined());

    button('Ouvrir mon espace Propale')?.click();

    await vi.waitFor(() =>
      expect(document.querySelector('#card a')?.getAttribute('href')).toBe('https://propale.example/sign-in/abc'),
    );
  });
});

describe('the realm', () => {
  it('has nothing to reach the network or a page with', async () => {
    const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'importScripts', 'window', 'document'];

    await open(tiny('Text', '{}', `[${names.map((name) => `typeof ${name}`).join()}].join()`));

    await vi.waitFor(() => expect(shown()).toBe(names.map(() => 'undefined').join()));
  });

  it('an action crosses to the page', async () => {
    await open(tiny('Button', `{ onClick: () => hsWorkerAPI.useExtensionActions().addAlert({ message: 'Fait', type: 'success' }) }`, `'Dire'`));
    await vi.waitFor(() => expect(button('Dire')).toBeDefined());

    button('Dire')?.click();

    await vi.waitFor(() => expect(document.querySelector('.hs-toast-success')?.textContent).toBe('Fait'));
  });
});

describe('a failure is seen', () => {
  const loud = () => vi.spyOn(console, 'error').mockImplementation(() => undefined);

  async function failsWith(words: string): Promise<void> {
    await vi.waitFor(() => expect(document.querySelector('.hs-failure')?.textContent).toContain(words));
    expect(window.__cardError).toContain(words);
    expect(document.querySelector('.hs-failure')?.getAttribute('role')).toBe('alert');
  }

  it('a component that is not played', async () => {
    const said = loud();

    await open(tiny('BarChart', '{}', `'x'`));

    await failsWith('Unknown component: BarChart');
    expect(said).toHaveBeenCalled();
  });

  it('a bundle that throws', async () => {
    loud();

    await open(`throw new Error('broken bundle')`);

    await failsWith('broken bundle');
  });

  it('a bundle that is no card', async () => {
    loud();

    await open('1 + 1');

    await failsWith('never called hubspot.extend');
  });
});
