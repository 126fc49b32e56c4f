// An open card sees by itself what the customer and the bank do.
import { describe, expect, it, vi } from 'vitest';
import { StatusTag } from '@hubspot/ui-extensions';
import type { View } from '../src/app/cards/apiTypes';
import { PACE } from '../src/app/cards/memory';
import { openCard, reads, settled, trouble } from './card';
import { fixture } from './fixtures';
import { Server, lost, ok } from './server';

const pace = { watchMs: 5, rarestMs: 20 };
const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function paid(status: NonNullable<View['money']>['status']): View {
  return { ...fixture('accepted'), money: { status } };
}

describe('watching', () => {
  it('shows an acceptance, then the payment, without a press', async () => {
    const views = [fixture('sent'), fixture('sent'), fixture('awaiting_method'), paid('paid')];
    const server = new Server().get((_, count) => ok(views[Math.min(count, views.length) - 1]));

    const card = openCard({ pace });

    await reads(card, 'Proposition acceptée');
    await vi.waitFor(() => expect(server.calls.length).toBe(views.length));
    await rest(60);
    expect(server.calls.length).toBe(views.length);
    expect(card.refreshes()).toBeGreaterThan(0);
  });

  it('asks our tables, never HubSpot', async () => {
    const server = new Server().get(() => ok(fixture('sent')));

    openCard({ pace });

    await vi.waitFor(() => expect(server.calls.length).toBeGreaterThan(2));
    expect(server.calls.filter(({ url }) => url.includes('check=again'))).toEqual([]);
  });

  it.each(['paid', 'refunded', 'disputed', 'cancelled'] as const)('is over once %s', async (status) => {
    const server = new Server().get(() => ok(paid(status)));
    const card = openCard({ pace });
    await reads(card, 'Proposition acceptée');

    await rest(40);

    expect(server.calls.length).toBe(1);
  });

  it('looks ever more rarely, up to the rarest pause', async () => {
    const looks: number[] = [];
    new Server().get(() => {
      looks.push(performance.now());
      return ok(fixture('sent'));
    });

    openCard({ pace: { watchMs: 20, rarestMs: 80 } });

    await vi.waitFor(() => expect(looks.length).toBeGreaterThan(4));
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    [20, 40, 80, 80].forEach((least, index) => expect(pauses[index]).toBeGreaterThanOrEqual(least - 2));
  });

  it('has one look on its way at most', async () => {
    let open = 0;
    let most = 0;
    new Server().get(async () => {
      most = Math.max(most, ++open);
      await rest(15);
      open -= 1;
      return ok(fixture('sent'));
    });

    openCard({ pace: { watchMs: 1, rarestMs: 1 } });
    await rest(100);

    expect(most).toBe(1);
  });

  it('says nothing of a look that failed, and looks again', async () => {
    const server = new Server().get((_, count) => (count === 2 ? lost() : ok(fixture('sent'))));
    const card = openCard({ pace });

    await vi.waitFor(() => expect(server.calls.length).toBeGreaterThan(3));

    expect(trouble(card)).toBeNull();
    expect(card.findByTestId(StatusTag, 'status').text).toBe('Proposition envoyée');
  });

  it('leaves the question about withdrawing open', async () => {
    const server = new Server().get(() => ok(fixture('sent')));
    const card = openCard({ pace });
    await settled(card, 'withdraw');
    card.press('withdraw');
    await settled(card, 'withdraw-yes');
    const before = server.calls.length;

    await vi.waitFor(() => expect(server.calls.length).toBeGreaterThan(before + 1));

    expect(card.button('withdraw-yes')).not.toBeNull();
  });

  it('closes that question when the customer was faster', async () => {
    let view = fixture('sent');
    new Server().get(() => ok(view));
    const card = openCard({ pace });
    await settled(card, 'withdraw');
    card.press('withdraw');
    await settled(card, 'withdraw-yes');
    view = fixture('awaiting_method');
    await reads(card, 'Proposition acceptée');
    view = fixture('sent');

    card.press('check-again');

    await settled(card, 'withdraw');
    expect(card.button('withdraw-yes')).toBeNull();
  });

  it('an answer from before the withdrawal never covers it', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const server = new Server()
      .get(async (_, count) => {
        if (count > 1) await slow;
        return ok(fixture('sent'));
      })
      .post(() => ok(fixture('withdrawn')));
    const card = openCard({ pace });
    await settled(card, 'withdraw');
    card.press('withdraw');
    await settled(card, 'withdraw-yes');
    await vi.waitFor(() => expect(server.called('GET').length).toBe(2));
    card.press('withdraw-yes');
    await reads(card, 'Proposition retirée');

    release();
    await rest(20);

    expect(card.findByTestId(StatusTag, 'status').text).toBe('Proposition retirée');
  });

  it('stops once the record is left', async () => {
    const server = new Server().get(() => ok(fixture('sent')));
    const card = openCard({ pace });
    await settled(card, 'withdraw');

    card.leave();
    const before = server.calls.length;
    await rest(40);

    expect(server.calls.length).toBeLessThanOrEqual(before + 1);
  });

  it('comes first after a quarter of a minute, then every two minutes at most', () => {
    expect([PACE.watchMs, PACE.rarestMs]).toEqual([15_000, 120_000]);
  });
});
