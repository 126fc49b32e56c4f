// A server at the one seam the card has: the worker's `hsFetch`. It answers from a script and keeps the calls.
export interface Call {
  url: string;
  method: string;
  body: Record<string, unknown> | undefined;
}

export type Answer = { status: number; body: unknown } | Error;
type Script = (call: Call, count: number) => Answer | Promise<Answer>;

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const refuse = (status: number, message: string): Answer =>
  ok({ error: { code: 'refused', message } }, status);
export const lost = (): Answer => new Error('connection lost');

export class Server {
  readonly calls: Call[] = [];
  private gets: Script = () => ok({});
  private posts: Script = () => ok({});

  constructor() {
    Object.assign(globalThis, { self: globalThis, hsFetch: (...call: HsFetch) => this.answer(...call) });
  }

  get(script: Script): this {
    this.gets = script;
    return this;
  }

  post(script: Script): this {
    this.posts = script;
    return this;
  }

  called(method: string, ending = ''): Call[] {
    return this.calls.filter((call) => call.method === method && path(call).endsWith(ending));
  }

  private async answer(url: string, options: { method?: string; body?: Call['body'] } = {}): Promise<Response> {
    const call = { url, method: options.method ?? 'GET', body: options.body };
    this.calls.push(call);
    const script = call.method === 'GET' ? this.gets : this.posts;
    const answer = await script(call, this.called(call.method).length);
    if (answer instanceof Error) throw answer;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status });
  }
}

type HsFetch = [url: string, options?: { method?: string; body?: Call['body'] }];

function path(call: Call): string {
  return new URL(call.url).pathname;
}
