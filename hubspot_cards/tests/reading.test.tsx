// How the card asks for its deal, and what it says when that fails.
import { describe, expect, it } from 'vitest';
import { openCard, settled, trouble } from './card';
import { fixture } from './fixtures';
import { Server, lost, ok, refuse } from './server';

describe('reading', () => {
  it('asks for this deal in the user’s language', async () => {
    const server = new Server().get(() => ok(fixture('ready')));
    const card = openCard({ locale: 'fr-ca' });
    await settled(card, 'create');

    expect(server.calls).toEqual([
      { url: 'https://propale.example/api/card/deals/4711?lang=fr', method: 'GET', body: undefined },
    ]);
  });

  it('check again makes the server read the deal', async () => {
    const server = new Server().get((_, count) => ok(fixture(count === 1 ? 'not_ready' : 'ready')));
    const card = openCard();
    await settled(card, 'check-again');

    card.press('check-again');

    await settled(card, 'create');
    expect(server.calls[1]?.url).toBe('https://propale.example/api/card/deals/4711?lang=fr&check=again');
  });

  it.each([
    ['a lost connection', lost()],
    ['a 502', ok('<html>', 502)],
    ['an unreadable answer', ok('<html>', 200)],
  ])('%s is one sentence and a retry', async (_, answer) => {
    new Server().get((__, count) => (count === 1 ? answer : ok(fixture('ready'))));
    const card = openCard();
    await card.waitFor(() => expect(trouble(card)?.props.title).toBe('Propale ne répond pas'));

    card.press('retry');

    await settled(card, 'create');
    expect(trouble(card)).toBeNull();
  });

  it.each([429, 503])('%i shows the server’s sentence, and the retry', async (status) => {
    new Server().get((_, count) => (count === 1 ? refuse(status, 'HubSpot est absent.') : ok(fixture('ready'))));
    const card = openCard();
    await card.waitFor(() => expect(trouble(card)?.props.title).toBe('HubSpot est absent.'));

    card.press('retry');

    await settled(card, 'create');
  });

  it('a refusal shows the server’s sentence', async () => {
    new Server().get(() => refuse(404, 'Cette transaction n’existe plus.'));

    const card = openCard();

    await card.waitFor(() => expect(trouble(card)?.text).toBe('Cette transaction n’existe plus.'));
  });
});
