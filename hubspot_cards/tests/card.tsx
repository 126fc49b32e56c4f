// The card as HubSpot's own test renderer shows it, on one deal, for one user.
import React, { useEffect, useState } from 'react';
import { afterEach, expect } from 'vitest';
import { Alert, Button, LoadingButton } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { CreateProposal } from '../src/app/cards/CreateProposal';
import type { Pace } from '../src/app/cards/memory';

/** Too quick for people; only a test about it lets the card look by itself. */
const QUICK: Pace = {
  pollMs: 5,
  patienceMs: 40,
  settleMs: 10,
  watchMs: 60_000,
  rarestMs: 60_000,
  signInMs: 40,
};

export interface Options {
  locale?: string;
  variables?: Record<string, string>;
  pace?: Partial<Pace>;
}

export function openCard({ locale = 'fr-fr', variables, pace }: Options = {}) {
  const renderer = createRenderer('crm.record.tab');
  const { context, actions } = renderer.mocks;
  Object.assign(context.user, { locale });
  Object.assign(context.portal, { timezone: 'Europe/Paris' });
  Object.assign(context.crm, { objectId: 4711, objectTypeId: '0-3' });
  context.variables = variables ?? { BACKEND_URL: 'https://propale.example' };
  renderer.render(
    <Record>
      <CreateProposal pace={{ ...QUICK, ...pace }} />
    </Record>,
  );
  const button = (testId: string) =>
    renderer.maybeFind(LoadingButton, { testId }) ?? renderer.maybeFind(Button, { testId });
  const press = (testId: string) => {
    const found = button(testId);
    if (!found) throw new Error(`No button ${testId} in ${renderer.getRootNode().toString()}`);
    found.trigger('onClick');
  };
  /** Everything shown, titles and labels included. */
  const text = () => renderer.getRootNode().toString();
  const refreshes = () => actions.refreshObjectProperties.callCount;
  return { ...renderer, button, press, text, refreshes, leave: closeAll };
}

export type OpenCard = ReturnType<typeof openCard>;

/** Waits until the button is there. */
export async function settled(card: OpenCard, testId: string): Promise<void> {
  await card.waitFor(() => expect(card.button(testId)).not.toBeNull());
}

export async function reads(card: OpenCard, words: string): Promise<void> {
  await card.waitFor(() => expect(card.text()).toContain(words));
}

/** The alert of a call that failed. */
export function trouble(card: OpenCard) {
  return card.maybeFind(Alert, { variant: 'danger' });
}

// HubSpot's renderer never unmounts; a card left behind would go on asking the next test's server.
const open = new Set<() => void>();
afterEach(closeAll);

function closeAll(): void {
  open.forEach((close) => close());
  open.clear();
}

function Record({ children }: { children: React.ReactNode }) {
  const [shown, setShown] = useState(true);
  useEffect(() => void open.add(() => setShown(false)), []);
  return shown ? <>{children}</> : null;
}
