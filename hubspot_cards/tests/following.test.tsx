// After the click, until it is answered.
import { describe, expect, it } from 'vitest';
import { Alert, StatusTag } from '@hubspot/ui-extensions';
import { openCard, reads, trouble } from './card';
import { fixture } from './fixtures';
import { Server, lost, ok } from './server';

describe('following', () => {
  it('goes on asking through failures', async () => {
    new Server().get((_, count) => {
      if (count === 1) return ok(fixture('taken'));
      return count < 4 ? lost() : ok(fixture('sent'));
    });

    const card = openCard({ pace: { patienceMs: 5_000 } });

    await reads(card, 'Proposition envoyée');
    expect(trouble(card)).toBeNull();
  });

  it('after a minute says so kindly and stops asking', async () => {
    const server = new Server().get(() => ok(fixture('taken')));
    const card = openCard();
    await card.waitFor(() =>
      expect(card.maybeFind(Alert)?.props.title).toBe('C’est un peu plus long que d’habitude'),
    );
    const asked = server.calls.length;

    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(server.calls.length).toBe(asked);
  });

  it('check again after that minute takes it up again', async () => {
    let done = false;
    new Server().get(() => ok(fixture(done ? 'sent' : 'taken')));
    const card = openCard();
    await card.waitFor(() => expect(card.maybeFind(Alert)).not.toBeNull());
    done = true;

    card.press('check-again');

    await reads(card, 'Proposition envoyée');
  });

  it('stops asking once the record is left', async () => {
    const server = new Server().get(() => ok(fixture('taken')));
    const card = openCard({ pace: { patienceMs: 5_000 } });
    await card.waitFor(() => expect(card.text()).toContain('La proposition se prépare'));

    card.leave();
    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(server.calls.length).toBe(1);
  });

  it('an old answer never covers a newer one', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    new Server().get(async ({ url }, count) => {
      if (url.includes('check=again')) return ok(fixture('sent'));
      if (count > 1) await slow;
      return ok(fixture('taken'));
    });
    const card = openCard({ pace: { patienceMs: 5_000 } });
    await card.waitFor(() => expect(card.text()).toContain('La proposition se prépare'));
    await new Promise((resolve) => setTimeout(resolve, 15));
    card.press('check-again');
    await reads(card, 'Proposition envoyée');

    release();
    await new Promise((resolve) => setTimeout(resolve, 15));

    expect(card.findByTestId(StatusTag, 'status').text).toBe('Proposition envoyée');
  });
});
