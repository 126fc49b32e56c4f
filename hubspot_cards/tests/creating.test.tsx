// The one click: what is sent, once, whatever fails.
import { describe, expect, it, vi } from 'vitest';
import { ToggleGroup } from '@hubspot/ui-extensions';
import { openCard, reads, settled, trouble } from './card';
import { fixture } from './fixtures';
import { Server, lost, ok, refuse } from './server';

const taken = ok({ state: 'taken' }, 202);
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('creating', () => {
  it('sends the offer as shown and follows it until it is sent', async () => {
    const server = new Server()
      .get((_, count) => ok(fixture(count === 1 ? 'ready' : count < 4 ? 'taken' : 'sent')))
      .post(() => taken);
    const card = openCard({ pace: { patienceMs: 5_000 } });
    await settled(card, 'create');

    card.press('create');

    await reads(card, 'Proposition envoyée');
    const [post] = server.called('POST', '/deals/4711/proposals');
    expect(post?.body).toEqual({
      requestId: expect.stringMatching(UUID4),
      recipientContactId: '501',
      shown: fixture('ready').offers[0]?.shown,
    });
    expect(server.called('GET').length).toBe(4);
  });

  it('tells HubSpot to read the deal’s properties again, now and a moment later', async () => {
    new Server().get((_, count) => ok(fixture(count === 1 ? 'ready' : 'sent'))).post(() => taken);
    const card = openCard();
    await settled(card, 'create');
    expect(card.refreshes()).toBe(0);

    card.press('create');

    await vi.waitFor(() => expect(card.refreshes()).toBe(2));
  });

  it('a double click sends one request', async () => {
    const server = new Server()
      .get((_, count) => ok(fixture(count === 1 ? 'ready' : 'sent')))
      .post(() => new Promise((resolve) => setTimeout(() => resolve(taken), 10)));
    const card = openCard();
    await settled(card, 'create');
    const button = card.button('create');

    button?.trigger('onClick');
    button?.trigger('onClick');

    await reads(card, 'Proposition envoyée');
    expect(server.called('POST').length).toBe(1);
  });

  it('shows that the request is on its way', async () => {
    new Server().get(() => ok(fixture('ready'))).post(() => new Promise(() => undefined));
    const card = openCard();
    await settled(card, 'create');

    card.press('create');

    await card.waitFor(() => expect(card.button('create')?.props).toMatchObject({ loading: true }));
    expect(card.button('create')?.text).toBe('Envoi de la demande…');
  });

  it.each(['retry', 'create'])('after a lost answer, %s repeats the same request', async (button) => {
    const server = new Server()
      .get((_, count) => ok(fixture(count === 1 ? 'ready' : 'sent')))
      .post((_, count) => (count === 1 ? lost() : taken));
    const card = openCard();
    await settled(card, 'create');
    card.press('create');
    await card.waitFor(() => expect(trouble(card)).not.toBeNull());

    card.press(button);

    await reads(card, 'Proposition envoyée');
    const [first, second] = server.called('POST');
    expect(second?.body).toEqual(first?.body);
  });

  it('another click after an answer is another request', async () => {
    const server = new Server().get(() => ok(fixture('ready'))).post(() => refuse(409, 'Une autre est en cours.'));
    const card = openCard();
    await settled(card, 'create');
    card.press('create');
    await card.waitFor(() => expect(trouble(card)?.text).toBe('Une autre est en cours.'));

    card.press('create');

    await vi.waitFor(() => expect(server.called('POST').length).toBe(2));
    const [first, second] = server.called('POST');
    expect(second?.body?.requestId).not.toBe(first?.body?.requestId);
  });

  it('a refusal keeps its sentence above what is true now', async () => {
    new Server()
      .get((_, count) => ok(fixture(count === 1 ? 'ready' : 'sent')))
      .post(() => refuse(409, 'Un collègue vient de l’envoyer.'));
    const card = openCard();
    await settled(card, 'create');

    card.press('create');

    await reads(card, 'Proposition envoyée');
    expect(trouble(card)?.text).toBe('Un collègue vient de l’envoyer.');
  });

  it('the deal changed meanwhile: the new button sends what it shows', async () => {
    const changed = fixture('problem');
    const shown = 'f'.repeat(64);
    changed.offers = [{ ...changed.offers[0]!, shown, label: 'Créer et envoyer : 600,00 EUR aujourd’hui' }];
    const server = new Server().get((_, count) => ok(count === 1 ? fixture('ready') : changed)).post(() => taken);
    const card = openCard();
    await settled(card, 'create');
    card.press('create');
    await reads(card, '600,00 EUR');

    card.press('create');

    await vi.waitFor(() => expect(server.called('POST').length).toBe(2));
    const [first, second] = server.called('POST');
    expect(second?.body?.shown).toBe(shown);
    expect(second?.body?.requestId).not.toBe(first?.body?.requestId);
  });

  it('the chosen recipient survives a lost answer', async () => {
    new Server().get(() => ok(fixture('choose_recipient'))).post(() => lost());
    const card = openCard();
    await card.waitFor(() => expect(card.maybeFind(ToggleGroup)).not.toBeNull());
    card.find(ToggleGroup).trigger('onChange', '502' as never);
    await settled(card, 'create');

    card.press('create');

    await card.waitFor(() => expect(trouble(card)).not.toBeNull());
    expect(card.find(ToggleGroup).props.value).toBe('502');
    expect(card.button('create')?.text).toContain('Paul Girard');
  });
});
