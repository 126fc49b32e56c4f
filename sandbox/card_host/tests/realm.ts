// A browser's worker from Node's: another thread, structured clone, the built worker.js unmodified.
import { Worker } from 'node:worker_threads';
import type { MessageEndpoint } from '@remote-ui/rpc';

const SHIM = `
const { parentPort, workerData } = require('node:worker_threads');
const { runInThisContext } = require('node:vm');
const onMessage = new Map();
Object.assign(globalThis, {
  self: globalThis,
  window: undefined,
  XMLHttpRequest: class {},
  postMessage: (data, transfer) => parentPort.postMessage(data, transfer),
  addEventListener: (type, listener) => {
    if (type !== 'message') return;
    const receive = (data) => listener({ data });
    onMessage.set(listener, receive);
    parentPort.on('message', receive);
  },
  removeEventListener: (type, listener) => parentPort.off('message', onMessage.get(listener)),
  importScripts: () => runInThisContext(workerData.cardScript),
});
runInThisContext(workerData.workerScript);
`;

export interface Realm extends MessageEndpoint {
  close(): Promise<unknown>;
}

export function startRealm(workerScript: string, cardScript: string): Realm {
  const worker = new Worker(SHIM, { eval: true, workerData: { workerScript, cardScript } });
  worker.on('error', () => undefined); // the page hears of it through the endpoint too
  return {
    postMessage: (data: unknown) => worker.postMessage(data),
    addEventListener: (_: string, listener: (event: MessageEvent) => void) =>
      void worker.on('message', (data) => listener({ data } as MessageEvent)),
    removeEventListener: () => worker.removeAllListeners('message'),
    close: () => worker.terminate(),
  };
}
