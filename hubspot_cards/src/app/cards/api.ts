// Calls to our server. `hubspot.fetch` signs them and repeats one by itself on a 5xx or a lost
// connection, so every change carries an id that makes the second arrival harmless.
import { hubspot } from '@hubspot/ui-extensions';
import type { CreateAnswer, CreateRequest, ErrorAnswer, SignInAnswer, View } from './apiTypes';
import type { Language } from './language';

/**
 * `refused`: the server said no, in `message`. `unreachable`: nobody knows whether it arrived; `message`
 * is the server's sentence when it had one, else empty.
 */
export class CallError extends Error {
  constructor(
    readonly kind: 'refused' | 'unreachable',
    message = '',
  ) {
    super(message);
  }
}

export interface CardApi {
  read(again: boolean): Promise<View>;
  create(request: CreateRequest): Promise<CreateAnswer>;
  withdraw(proposalId: string): Promise<View>;
  signIn(): Promise<SignInAnswer>;
}

export interface CardApiOptions {
  backendUrl: string;
  dealId: number | string;
  language: Language;
}

export function createApi({ backendUrl, dealId, language }: CardApiOptions): CardApi {
  const root = `${backendUrl.replace(/\/+$/, '')}/api/card`;
  const deal = `${root}/deals/${encodeURIComponent(String(dealId))}`;
  const query = `?lang=${language}`;
  return {
    read: (again) => call<View>(`${deal}${query}${again ? '&check=again' : ''}`, 'GET'),
    create: (request) => call<CreateAnswer>(`${deal}/proposals${query}`, 'POST', { ...request }),
    withdraw: (proposalId) => call<View>(`${deal}/withdraw${query}`, 'POST', { proposalId }),
    signIn: () => call<SignInAnswer>(`${root}/sign-in${query}`, 'POST', {}),
  };
}

type Body = { [key: string]: unknown };

async function call<T>(url: string, method: 'GET' | 'POST', body?: Body): Promise<T> {
  const response = await arrive(() => hubspot.fetch(url, body ? { method, body } : { method }));
  const answer = await read(response);
  if (response.status >= 200 && response.status < 300 && answer !== null) return answer as T;
  if (isRefusal(response.status)) throw new CallError('refused', sentence(answer));
  throw new CallError('unreachable', sentence(answer));
}

async function arrive(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch {
    throw new CallError('unreachable');
  }
}

async function read(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** A 4xx is an answer, but for the two that mean "not now". */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function sentence(answer: unknown): string {
  const message = (answer as Partial<ErrorAnswer> | null)?.error?.message;
  return typeof message === 'string' ? message : '';
}
