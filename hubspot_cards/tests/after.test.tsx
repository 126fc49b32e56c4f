// After sending: withdrawing, and signing in to Propale's own pages.
import { describe, expect, it } from 'vitest';
import { Link } from '@hubspot/ui-extensions';
import { openCard, reads, settled, trouble, type OpenCard } from './card';
import { fixture } from './fixtures';
import { Server, lost, ok, refuse } from './server';

describe('withdrawing', () => {
  async function openSent(server: Server): Promise<OpenCard> {
    server.get(() => ok(fixture('sent')));
    const card = openCard();
    await card.waitFor(() => expect(card.button('withdraw')).not.toBeNull());
    card.press('withdraw');
    await settled(card, 'withdraw-yes');
    return card;
  }

  it('asks first, and keeping it changes nothing', async () => {
    const server = new Server();
    const card = await openSent(server);

    card.press('withdraw-no');

    await card.waitFor(() => expect(card.button('withdraw')).not.toBeNull());
    expect(server.called('POST')).toEqual([]);
  });

  it('withdraws, shows the button again and refreshes the deal', async () => {
    const server = new Server().post(() => ok(fixture('withdrawn')));
    const card = await openSent(server);

    card.press('withdraw-yes');

    await reads(card, 'Proposition retirée');
    expect(server.called('POST', '/deals/4711/withdraw')[0]?.body).toEqual({ proposalId: '41' });
    await settled(card, 'create');
    expect(card.refreshes()).toBeGreaterThan(0);
  });

  it('accepted in the meantime: says so and shows the acceptance', async () => {
    const server = new Server().post(() => refuse(409, 'Le client vient d’accepter.'));
    const card = await openSent(server);
    server.get(() => ok(fixture('accepted')));

    card.press('withdraw-yes');

    await reads(card, 'Proposition acceptée');
    expect(trouble(card)?.text).toBe('Le client vient d’accepter.');
  });

  it('a lost answer keeps the question open, with a retry', async () => {
    const server = new Server().post((_, count) => (count === 1 ? lost() : ok(fixture('withdrawn'))));
    const card = await openSent(server);
    card.press('withdraw-yes');
    await card.waitFor(() => expect(trouble(card)).not.toBeNull());

    card.press('retry');

    await reads(card, 'Proposition retirée');
    expect(server.called('POST').length).toBe(2);
  });
});

describe('signing in', () => {
  const link = ok({ url: 'https://propale.example/sign-in/once' });

  it('shows the one-time link in a new tab', async () => {
    const server = new Server().get(() => ok(fixture('not_connected'))).post(() => link);
    const card = openCard({ pace: { signInMs: 5_000 } });
    await settled(card, 'sign-in');

    card.press('sign-in');

    await card.waitFor(() =>
      expect(card.find(Link).props.href).toEqual({ url: 'https://propale.example/sign-in/once', external: true }),
    );
    expect(server.called('POST', '/api/card/sign-in')[0]?.body).toEqual({});
  });

  it('takes the link away before the server forgets it', async () => {
    new Server().get(() => ok(fixture('not_connected'))).post(() => link);
    const card = openCard();
    await settled(card, 'sign-in');
    card.press('sign-in');
    await card.waitFor(() => expect(card.maybeFind(Link)).not.toBeNull());

    await settled(card, 'sign-in');

    expect(card.maybeFind(Link)).toBeNull();
  });

  it('is offered in the other states too, never as the main button', async () => {
    new Server().get(() => ok(fixture('ready'))).post(() => link);
    const card = openCard({ pace: { signInMs: 5_000 } });
    await card.waitFor(() => expect(card.button('sign-in')?.props.variant).toBe('transparent'));

    card.press('sign-in');

    await card.waitFor(() => expect(card.maybeFind(Link)).not.toBeNull());
  });
});
