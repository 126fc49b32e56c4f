// `hubspot.fetch` of the local host: the rules HubSpot puts on a call, then the sandbox's signing proxy.
import type { FetchAnswer, FetchOptions } from './protocol';

const DEFAULT_TIMEOUT_MS = 15_000;
const LONGEST_TIMEOUT_MS = 120_000;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Refuses what HubSpot refuses: https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensibility/fetching-data */
export function complaint(url: string, options: FetchOptions): string | null {
  if (!/^https?:\/\/[^/]+/.test(url)) return `hubspot.fetch needs a whole URL, not ${url}`;
  if (!METHODS.includes(options.method ?? 'GET')) return `hubspot.fetch has no ${options.method}`;
  const names = Object.keys(options.headers ?? {});
  if (names.some((name) => name.toLowerCase() !== 'authorization')) {
    return 'hubspot.fetch takes no header but Authorization';
  }
  const { body } = options;
  const plain = body === undefined || (typeof body === 'object' && body !== null && !Array.isArray(body));
  return plain ? null : 'hubspot.fetch takes a plain object as body';
}

export function makeFetch(proxyUrl: string) {
  return async (url: string, options: FetchOptions = {}): Promise<FetchAnswer> => {
    const wrong = complaint(url, options);
    if (wrong) throw new Error(wrong);
    const { method = 'GET', body, headers } = options;
    const milliseconds = Math.min(options.timeout ?? DEFAULT_TIMEOUT_MS, LONGEST_TIMEOUT_MS);
    const response = await fetch(proxyUrl, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url, method, body, headers }),
      signal: AbortSignal.timeout(milliseconds),
    });
    return { status: response.status, body: await response.text() };
  };
}
