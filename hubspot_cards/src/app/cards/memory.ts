// What the card remembers, and the times it keeps.
import type { Offer, View } from './apiTypes';

export interface Pace {
  pollMs: number;
  /** How long a taken request is followed before the card says that it takes longer. */
  patienceMs: number;
  /** Our workers write the deal's properties moments after the proposal changed. */
  settleMs: number;
  /** The first look for what the customer does comes after this; each pause is twice the last one. */
  watchMs: number;
  rarestMs: number;
  /** The one-time link lives 60 s at the server. */
  signInMs: number;
}

export const PACE: Pace = {
  pollMs: 1_000,
  patienceMs: 60_000,
  settleMs: 3_000,
  watchMs: 15_000,
  rarestMs: 120_000,
  signInMs: 55_000,
};

export type Busy = 'loading' | 'checking' | 'creating' | 'withdrawing' | 'signing_in';

export interface Trouble {
  kind: 'refused' | 'unreachable';
  message: string;
  retry: () => void;
}

export interface Memory {
  view: View | null;
  busy: Busy | null;
  trouble: Trouble | null;
  /** A taken request outlived our patience. */
  tired: boolean;
  /** The contact chosen among several; survives errors and new readings. */
  chosen: string | null;
  confirming: boolean;
  signInUrl: string | null;
}

export interface Proposal extends Memory {
  checkAgain(): void;
  choose(contactId: string): void;
  create(offer: Offer): void;
  askToWithdraw(asked: boolean): void;
  withdraw(): void;
  signIn(): void;
}

export const EMPTY: Memory = {
  view: null,
  busy: 'loading',
  trouble: null,
  tired: false,
  chosen: null,
  confirming: false,
  signInUrl: null,
};
