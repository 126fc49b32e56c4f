// What the card does, one step at a time: ask, create, follow, withdraw, sign in. No words and no layout here.
import { CallError, type CardApi } from './api';
import type { CreateRequest, Offer, View } from './apiTypes';
import type { Memory, Pace } from './memory';
import { newRequestId } from './requestId';

type Timer = ReturnType<typeof setTimeout>;
type Update = (change: (memory: Memory) => Memory) => void;

export class Steps {
  alive = true;
  /** Answers to older questions than this are dropped. */
  private asked = 0;
  private changing = false;
  private shown: View | null = null;
  private unanswered: CreateRequest | null = null;
  private timers = new Set<Timer>();

  constructor(
    private readonly api: CardApi,
    private readonly update: Update,
    public onChange: () => void,
    private readonly pace: Pace,
  ) {}

  readonly actions = {
    checkAgain: () => void this.read('checking'),
    choose: (chosen: string) => this.patch({ chosen }),
    create: (offer: Offer) => void this.create(offer),
    askToWithdraw: (confirming: boolean) => this.patch({ confirming }),
    withdraw: () => void this.withdraw(),
    signIn: () => void this.signIn(),
  };

  async read(busy: 'loading' | 'checking'): Promise<void> {
    const turn = ++this.asked;
    this.patch({ busy, trouble: null, tired: false });
    try {
      const view = await this.api.read(busy === 'checking');
      if (turn === this.asked) this.show(view, { busy: null });
    } catch (error) {
      if (turn === this.asked) this.fail(error, () => void this.read(busy));
    }
  }

  /** Sends the offer exactly as shown. A repeat after a lost answer carries the same request id. */
  private async create(offer: Offer): Promise<void> {
    if (this.changing) return;
    this.changing = true;
    this.asked += 1;
    this.patch({ busy: 'creating', trouble: null });
    const request = this.requestFor(offer);
    try {
      await this.api.create(request);
      this.showTaken();
    } catch (error) {
      this.failChange(error, () => void this.create(offer));
    } finally {
      this.changing = false;
    }
  }

  private async withdraw(): Promise<void> {
    const proposalId = this.shown?.proposal?.id;
    if (this.changing || !proposalId) return;
    this.changing = true;
    this.asked += 1;
    this.patch({ busy: 'withdrawing', trouble: null });
    try {
      this.show(await this.api.withdraw(proposalId), { busy: null, confirming: false });
    } catch (error) {
      this.failChange(error, () => void this.withdraw());
    } finally {
      this.changing = false;
    }
  }

  private async signIn(): Promise<void> {
    if (this.changing) return;
    this.changing = true;
    this.patch({ busy: 'signing_in', trouble: null });
    try {
      const { url } = await this.api.signIn();
      this.patch({ busy: null, signInUrl: url });
      this.later(this.pace.signInMs, () => this.patch({ signInUrl: null }));
    } catch (error) {
      this.fail(error, () => void this.signIn());
    } finally {
      this.changing = false;
    }
  }

  /** Asks every second until the request is answered, and no longer than a rep waits. */
  follow(): () => void {
    const end = Date.now() + this.pace.patienceMs;
    const pause = () => (Date.now() < end ? this.pace.pollMs : null);
    return this.lookAfter(pause, () => this.patch({ tired: true }));
  }

  /** Looks now and then, ever more rarely, for what the customer or the bank does. */
  watch(): () => void {
    let next = this.pace.watchMs;
    return this.lookAfter(() => {
      const pause = next;
      next = Math.min(2 * pause, this.pace.rarestMs);
      return pause;
    });
  }

  /** Looks after each pause, one look at a time, until there is none; a failed look is just repeated. */
  private lookAfter(pause: () => number | null, over?: () => void): () => void {
    let stopped = false;
    let timer: Timer | null = null;
    const wait = (): void => {
      const milliseconds = pause();
      if (milliseconds === null) over?.();
      else timer = this.later(milliseconds, () => void look());
    };
    const look = async (): Promise<void> => {
      const turn = this.asked;
      const view = this.changing ? null : await this.api.read(false).catch(() => null);
      if (stopped || !this.alive) return;
      if (view && turn === this.asked) this.show(view);
      wait();
    };
    wait();
    return () => {
      stopped = true;
      if (timer) clearTimeout(timer);
    };
  }

  stop(): void {
    this.alive = false;
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
  }

  private requestFor(offer: Offer): CreateRequest {
    const { shown } = offer;
    const recipientContactId = offer.recipient.contactId;
    const last = this.unanswered;
    if (last?.shown === shown && last.recipientContactId === recipientContactId) return last;
    this.unanswered = { requestId: newRequestId(), recipientContactId, shown };
    return this.unanswered;
  }

  private show(view: View, more: Partial<Memory> = {}): void {
    if (!this.alive) return;
    const before = this.shown;
    this.shown = view;
    if (!['ready', 'choose_recipient'].includes(view.state)) this.unanswered = null;
    this.patch({ view, ...(before?.state !== view.state && { confirming: false }), ...more });
    if (before && view.state !== 'taken' && differs(before, view)) this.tell();
  }

  private showTaken(): void {
    if (!this.shown) return;
    this.show({ ...this.shown, state: 'taken', message: null }, { busy: null, tired: false });
  }

  private tell(): void {
    this.onChange();
    this.later(this.pace.settleMs, () => this.onChange());
  }

  private failChange(error: unknown, retry: () => void): void {
    this.fail(error, retry);
    if (error instanceof CallError && error.kind === 'refused') void this.readAfterRefusal();
  }

  /** What was shown is out of date: show what is true now, under the refusal's sentence. */
  private async readAfterRefusal(): Promise<void> {
    this.unanswered = null;
    const turn = this.asked;
    const view = await this.api.read(false).catch(() => null);
    if (view && turn === this.asked) this.show(view, { confirming: false });
  }

  private fail(error: unknown, retry: () => void): void {
    if (!(error instanceof CallError)) throw error;
    this.patch({ busy: null, trouble: { kind: error.kind, message: error.message, retry } });
  }

  private patch(part: Partial<Memory>): void {
    if (this.alive) this.update((memory) => ({ ...memory, ...part }));
  }

  private later(milliseconds: number, task: () => void): Timer {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (this.alive) task();
    }, milliseconds);
    this.timers.add(timer);
    return timer;
  }
}

const UNPAID = ['awaiting_method', 'action_needed', 'pending', 'failed', 'past_due'];

/** What may change without the rep: the customer's answer, or the money's way. Null: nothing. */
export function awaited(view: View | null): string | null {
  if (view?.state === 'sent') return 'answer';
  const money = view?.state === 'accepted' ? view.money?.status : null;
  return money && UNPAID.includes(money) ? money : null;
}

/** Did anything change that the deal's own properties show too? */
function differs(before: View, after: View): boolean {
  return (
    before.state !== after.state ||
    before.status !== after.status ||
    before.money?.status !== after.money?.status ||
    before.proposal?.id !== after.proposal?.id
  );
}
