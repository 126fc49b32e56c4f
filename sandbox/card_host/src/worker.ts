// The realm a HubSpot card runs in: the globals its SDK reads, and nothing to reach the network with.
// Names as in @hubspot/ui-extensions 0.17 (worker-globals); the bundle is evaluated unmodified.
import * as React from 'react';
import * as RemoteUI from '@remote-ui/react';
import { createRemoteRoot, type RemoteChannel } from '@remote-ui/core';
import { createEndpoint, retain, type MessageEndpoint } from '@remote-ui/rpc';
import type { ReactElement } from 'react';
import type { FetchOptions, PageApi, WorkerApi } from './protocol';

type Render = (api: { context: unknown; actions: unknown }) => ReactElement;

interface Realm extends Record<string, unknown> {
  importScripts(url: string): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

const WITHHELD = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'importScripts', 'window'];

const realm = self as unknown as Realm;
const load = realm.importScripts.bind(realm);
let renderCard: Render | null = null;

for (const name of WITHHELD) {
  Object.defineProperty(realm, name, { value: undefined, configurable: true });
}

Object.assign(realm, {
  React,
  RemoteUI,
  __HUBSPOT_EXTENSION_WORKER__: true,
  logger: console,
  extend_V2: (render: Render) => {
    renderCard = render;
  },
});

createEndpoint<PageApi>(realm as unknown as MessageEndpoint).expose({
  render: async (channel: RemoteChannel, page: PageApi, cardUrl: string) => {
    retain(channel);
    retain(page);
    report(page);
    offerApi(page);
    load(cardUrl);
    if (!renderCard) throw new Error(`${cardUrl} never called hubspot.extend`);
    const root = createRemoteRoot(channel, { strict: false });
    const { context, actions } = page;
    RemoteUI.createRoot(root).render(renderCard({ context, actions }));
    await root.mount();
  },
} satisfies WorkerApi);

function offerApi(page: PageApi): void {
  const { context, actions } = page;
  realm.hsWorkerAPI = {
    useExtensionContext: () => context,
    useExtensionActions: () => actions,
    useExtensionApi: () => ({ context, actions, runServerlessFunction: notPlayed('runServerlessFunction') }),
    fetchCrmProperties: notPlayed('useCrmProperties'),
    fetchAssociations: notPlayed('useAssociations'),
    fetchCrmSearch: notPlayed('useCrmSearch'),
  };
  realm.hsFetch = async (url: string | URL, options?: FetchOptions) => {
    const { status, body } = await page.hsFetch(String(url), options);
    return new Response(NO_BODY.includes(status) ? null : body, { status });
  };
}

const NO_BODY = [204, 205, 304];

function notPlayed(name: string): () => never {
  return () => {
    throw new Error(`${name} is not played by this card host`);
  };
}

function report(page: PageApi): void {
  realm.addEventListener('error', (event) => page.fail(String((event as ErrorEvent).message)));
  realm.addEventListener('unhandledrejection', (event) =>
    page.fail(String((event as PromiseRejectionEvent).reason)),
  );
}
