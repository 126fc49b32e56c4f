// A signing proxy on loopback that answers from a script and keeps what arrived.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  url: string;
  method: string;
  body?: Record<string, unknown>;
}

export interface ProxyServer {
  url: string;
  arrived: Arrived[];
  close(): void;
}

type Script = (call: Arrived) => Promise<unknown> | unknown;

export async function startProxy(script: Script): Promise<ProxyServer> {
  const arrived: Arrived[] = [];
  const server: Server = createServer(async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    if (request.method === 'OPTIONS') return void response.end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = JSON.parse(Buffer.concat(chunks).toString()) as Arrived;
    arrived.push(call);
    response.statusCode = call.method === 'POST' ? 202 : 200;
    response.end(JSON.stringify(await script(call)));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/proxy`, arrived, close: () => void server.close() };
}
