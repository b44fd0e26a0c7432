import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, answer } from './actions.js';
import type { CopySource } from './copy.js';
import { RedshiftDatabase } from './database.js';
import { StatementQueue } from './statements.js';

export interface RedshiftStandIn {
  readonly url: string;
  readonly database: RedshiftDatabase;
  readonly queue: StatementQueue;
  /** Every call so far, by its name. */
  readonly seen: readonly string[];
  /** Calls that are throttled from now on: how often each. */
  readonly throttle: Map<string, number>;
  /** Calls that this identity may not make. */
  readonly forbidden: Set<string>;
  /** Hears of every call that was carried out, before it is answered. */
  answering: (action: string) => Promise<void> | void;
  /** Rows of a page of results. */
  pageRows: number;
  /** Statements of a page of a listing. */
  pageStatements: number;
  stop(): Promise<void>;
}

/**
 * A server that speaks the JSON protocol of the Redshift Data API
 * (https://docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html) and runs SQL on PGlite.
 */
export async function startRedshift(source: CopySource): Promise<RedshiftStandIn> {
  const database = await RedshiftDatabase.create(source);
  const queue = new StatementQueue(database);
  const seen: string[] = [];
  const throttle = new Map<string, number>();
  const tokens = new Map<string, string>();
  const standIn: RedshiftStandIn & { url: string; stop(): Promise<void> } = {
    ...{ url: '', database, queue, seen, throttle, pageRows: 100, pageStatements: 100 },
    forbidden: new Set(),
    answering: () => {},
    stop: async () => {},
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers['x-amz-target']).replace(/^RedshiftData\./, '');
    seen.push(action);
    const send = (status: number, body: object, type?: string) => {
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        ...(type ? { 'x-amzn-errortype': type } : {}),
      });
      response.end(JSON.stringify(body));
    };
    try {
      const left = throttle.get(action) ?? 0;
      if (left > 0) {
        throttle.set(action, left - 1);
        throw new ApiError('ThrottlingException', 'Rate exceeded');
      }
      if (standIn.forbidden.has(action)) throw new ApiError('AccessDeniedException', `Not authorized: ${action}`);
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      const { pageRows, pageStatements } = standIn;
      const answered = await answer(action, body, { queue, tokens, pageRows, pageStatements });
      await standIn.answering(action);
      send(200, answered);
    } catch (error) {
      const type = error instanceof ApiError ? error.type : 'InternalServerException';
      send(error instanceof ApiError ? 400 : 500, { __type: type, Message: String((error as Error).message) }, type);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  standIn.stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await database.close();
  };
  return standIn;
}
