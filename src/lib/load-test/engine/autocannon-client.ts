/**
 * The private members of autocannon 9.0.0 that this engine leans on. autocannon is pinned to exactly that version;
 * `assertClient` fails with a plain message should they ever be missing, and a contract test runs it against the real one.
 *
 * What is used of autocannon: it creates the clients and their HTTP parsers, keeps them alive for the run and ends
 * them. What is not: its connecting (TLS is never verified, an answer meant for a dead connection is matched to the
 * next request), its sending (it ignores `Connection: close`), its timer (one per connection, whole seconds) and its
 * statistics (whole milliseconds, without timeouts, rounded to its sample interval).
 */
export const pinnedVersion = '9.0.0';

/** http-parser-js, as far as it is used. */
export interface ResponseParser {
  /** Bytes consumed, or the error that stopped it. Throws what a callback throws. */
  execute(chunk: Buffer): number | Error;
  /** End of the byte stream: completes an answer that is delimited by it, returns an Error in the middle of another. */
  finish(): Error | undefined;
  reinitialize(type: string): void;
  readonly type: string;
  /** Position of the parser in the chunk, and the chunk's end. */
  readonly offset: number;
  readonly end: number;
  /** Bytes of body that are still to come by `Content-Length`; null when unknown. */
  readonly body_bytes: number | null;
  [callback: number]: (...args: never[]) => unknown;
}

/** What the parser hands to `kOnHeadersComplete`. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly shouldKeepAlive: boolean;
}

export interface ParserCallbacks {
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

export interface AutocannonClient {
  readonly parser: ResponseParser;
  _connect(): void;
  _doRequest(): void;
  _destroyConnection(): void;
}

const methods = ['_connect', '_doRequest', '_destroyConnection', 'destroy', 'emit'] as const;
const parserMethods = ['execute', 'finish', 'reinitialize'] as const;

/** Throws Error naming what is missing and the version that has it. */
export function assertClient(client: unknown): asserts client is AutocannonClient {
  const missing: string[] = [];
  const has = (owner: unknown, name: string, type: string, path: string) => {
    const found = typeof (owner as Record<string, unknown> | null | undefined)?.[name];
    if (found !== type) missing.push(`${path}${name}`);
  };
  for (const name of methods) has(client, name, 'function', 'Client.');
  const parser = (client as { parser?: { constructor?: unknown } } | null)?.parser;
  for (const name of parserMethods) has(parser, name, 'function', 'Client.parser.');
  for (const name of ['kOnHeadersComplete', 'kOnBody', 'kOnMessageComplete']) {
    has(parser?.constructor, name, 'number', 'HTTPParser.');
  }
  if (missing.length > 0) {
    throw new Error(
      `the installed autocannon has no ${missing.join(', ')}: the load test needs autocannon ${pinnedVersion} exactly`,
    );
  }
}

export function parserCallbacks(parser: ResponseParser): ParserCallbacks {
  return parser.constructor as unknown as ParserCallbacks;
}
