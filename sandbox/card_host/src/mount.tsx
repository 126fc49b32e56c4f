// Joins a worker that runs the card to a place on the page that shows it.
import { createRemoteReceiver } from '@remote-ui/core';
import { RemoteRenderer, createController } from '@remote-ui/react/host';
import { createEndpoint, type MessageEndpoint } from '@remote-ui/rpc';
import { useMemo, useState, useSyncExternalStore, type ComponentType, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeActions } from './actions';
import { components } from './components';
import { FailureBoundary, FailureBox, sayFailure } from './failure';
import { ReaderContext } from './reader';
import { IframeDialog, Toasts, type Toast } from './overlays';
import { makeFetch } from './proxy';
import type { CardContext, IframeModal, PageApi, WorkerApi } from './protocol';

export interface CardPage {
  context: CardContext;
  cardUrl: string;
  workerUrl: string;
  proxyUrl: string;
  /** CSS selector of the element that takes the card. */
  mount: string;
}

interface Surroundings {
  toasts: Toast[];
  modal: IframeModal | null;
  failure: string | null;
}

/** Shows the card of `page` as `worker` renders it; answers how to show a failure. Throws without the mount. */
export function mountCard(page: CardPage, worker: MessageEndpoint): (message: string) => void {
  const place = document.querySelector<HTMLElement>(page.mount);
  if (!place) throw new Error(`The page has no ${page.mount}`);
  place.classList.add('hs-card');
  place.lang = page.context.user.locale.slice(0, 2);
  const around = new Store<Surroundings>({ toasts: [], modal: null, failure: null });
  const receiver = createRemoteReceiver();
  const fail = (message: string): void => {
    sayFailure(message);
    around.change({ failure: message });
  };
  const api: PageApi = {
    context: page.context,
    actions: makeActions({ toast: (alert) => addToast(around, alert), modal: (modal) => around.change({ modal }) }),
    hsFetch: makeFetch(page.proxyUrl),
    fail,
  };
  createEndpoint<WorkerApi>(worker)
    .call.render(receiver.receive, api, new URL(page.cardUrl, document.baseURI).href)
    .catch((error: unknown) => fail(String(error)));
  createRoot(place).render(<Card around={around} receiver={receiver} locale={page.context.user.locale} />);
  return fail;
}

interface CardProps {
  around: Store<Surroundings>;
  receiver: ReturnType<typeof createRemoteReceiver>;
  locale: string;
}

function Card({ around, receiver, locale }: CardProps): ReactNode {
  const { toasts, modal, failure } = useSyncExternalStore(around.subscribe, around.read);
  const [controller] = useState(() => createController(components as Record<string, ComponentType<any>>));
  const language = useMemo(() => (locale.startsWith('fr') ? 'fr' : 'en'), [locale]);
  return (
    <ReaderContext.Provider value={language}>
      {failure && <FailureBox message={failure} />}
      <FailureBoundary>
        <RemoteRenderer receiver={receiver} controller={controller} />
      </FailureBoundary>
      <Toasts toasts={toasts} />
      {modal && <IframeDialog modal={modal} onClose={() => around.change({ modal: null })} />}
    </ReaderContext.Provider>
  );
}

const TOAST_MS = 6_000;
let toastCount = 0;

function addToast(around: Store<Surroundings>, alert: Omit<Toast, 'key'>): void {
  const toast = { ...alert, key: (toastCount += 1) };
  around.change({ toasts: [...around.read().toasts, toast] });
  setTimeout(() => {
    around.change({ toasts: around.read().toasts.filter(({ key }) => key !== toast.key) });
  }, TOAST_MS);
}

class Store<T> {
  private listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly read = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(part: Partial<T>): void {
    this.value = { ...this.value, ...part };
    this.listeners.forEach((listener) => listener());
  }
}
