import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ModelServer {
  readonly url: string;
  /** Of every request, newest last. */
  readonly seen: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
}

type Handler = (rows: number[][], response: ServerResponse, asked: number) => void;

/** A server that answers `POST /api` as `handle` says, and that is ready. It is gone when the test ends. */
export async function modelServer(handle: Handler): Promise<ModelServer> {
  const seen: { path: string; headers: IncomingMessage['headers'] }[] = [];
  let asked = 0;
  const server = createServer(async (request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.url !== '/api') return void response.end('{}');
    const { array } = JSON.parse(Buffer.concat(parts).toString()) as { array: number[][] };
    asked += 1;
    handle(array, response, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Answers with the first value of each row. */
export const firstValues: Handler = (rows, response) => {
  response.end(JSON.stringify({ predicciones: rows.map(([first]) => first) }));
};
