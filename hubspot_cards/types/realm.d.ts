// What HubSpot's card worker offers beside the language itself. There is no `window`, no `fetch` and
// no DOM, so the compiler is given none: using one is a type error here, not a surprise in a portal.

interface Response {
  readonly status: number;
  readonly ok: boolean;
  json(): Promise<unknown>;
  text(): Promise<string>;
}

declare function setTimeout(callback: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;

declare const crypto: {
  /** Only in secure contexts, so it may be missing. */
  randomUUID?: () => string;
  getRandomValues(array: Uint8Array): Uint8Array;
};
