import { parserCallbacks, type ResponseHead, type ResponseParser } from './autocannon-client.js';

export interface ReaderOptions {
  /** Answers to HEAD have headers of a body that does not come. */
  readonly headOnly: boolean;
  /** As much of a body as is kept; the rest is counted only. */
  readonly keepBytes: number;
}

/**
 * One answer at a time out of the bytes of one connection, on autocannon's parser with callbacks of our own. Beyond what
 * autocannon does with it: interim answers (1xx) are not taken for the answer, 204, 304 and HEAD have no body
 * whatever their headers say, bytes behind the end of an answer are noticed instead of being matched to the next request,
 * and half an answer does not leak into the next connection.
 */
export class AnswerReader {
  status = 0;
  keepAlive = false;
  complete = false;
  /** Bytes came that no request asked for: the connection cannot be trusted any more. */
  surplus = false;
  bodyBytes = 0;
  readonly #parser: ResponseParser;
  readonly #options: ReaderOptions;
  #parts: Buffer[] = [];
  #keptBytes = 0;
  /** How many of the parts are copies of our own. */
  #owned = 0;

  constructor(parser: ResponseParser, options: ReaderOptions) {
    this.#parser = parser;
    this.#options = options;
    const { kOnHeadersComplete, kOnBody, kOnMessageComplete } = parserCallbacks(parser);
    parser[kOnHeadersComplete] = (head: ResponseHead) => this.#onHead(head);
    parser[kOnBody] = (bytes: Buffer, _start: number, length: number) => this.#onBody(bytes, length);
    parser[kOnMessageComplete] = () => this.#onComplete();
  }

  /** Before the first byte of a new connection. */
  connected(): void {
    this.#parser.reinitialize(this.#parser.type);
    this.next();
  }

  /** Before the next request on the same connection. */
  next(): void {
    this.status = 0;
    this.complete = false;
    this.surplus = false;
    this.bodyBytes = 0;
    this.#keptBytes = 0;
    this.#owned = 0;
    if (this.#parts.length > 0) this.#parts = [];
  }

  /** Feeds bytes. Returns why they are no HTTP answer, or undefined. `chunk` may be overwritten after the call. */
  read(chunk: Buffer): string | undefined {
    let result: number | Error;
    try {
      result = this.#parser.execute(chunk);
    } catch (error) {
      result = error as Error;
    }
    if (this.complete) return undefined;
    if (result instanceof Error) return `not an HTTP answer (${result.message.toLowerCase()})`;
    this.#own();
    return undefined;
  }

  /** The peer closed: completes an answer without a length. True when there is a complete answer now. */
  end(): boolean {
    try {
      this.#parser.finish();
    } catch {
      return false;
    }
    return this.complete;
  }

  body(): Buffer {
    const [first] = this.#parts;
    if (first === undefined) return empty;
    return this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
  }

  get truncated(): boolean {
    return this.bodyBytes > this.#options.keepBytes;
  }

  #onHead(head: ResponseHead): boolean {
    if (this.complete) return false;
    const { body_bytes: length } = this.#parser;
    if (length !== null && !(length >= 0)) throw new Error('invalid content-length');
    this.status = head.statusCode;
    this.keepAlive = head.shouldKeepAlive;
    return this.#options.headOnly || head.statusCode === 204 || head.statusCode === 304;
  }

  #onBody(bytes: Buffer, length: number): void {
    // A negative chunk size would send the parser backwards, for ever.
    if (length < 0) throw new Error('invalid chunk size');
    if (this.complete) return;
    this.bodyBytes += length;
    const room = this.#options.keepBytes - this.#keptBytes;
    if (room <= 0) return;
    const kept = length > room ? bytes.subarray(0, room) : bytes;
    this.#keptBytes += kept.length;
    this.#parts.push(kept);
  }

  #onComplete(): void {
    if (this.complete) {
      this.surplus = true;
      return;
    }
    // 101 is final: the connection speaks another protocol from here on.
    if (this.status >= 100 && this.status < 200 && this.status !== 101) return;
    this.complete = true;
    this.surplus = this.#parser.offset < this.#parser.end;
    if (this.status === 101) this.keepAlive = false;
  }

  /** Copies what still points into the shared read buffer. */
  #own(): void {
    for (; this.#owned < this.#parts.length; this.#owned++) {
      this.#parts[this.#owned] = Buffer.from(this.#parts[this.#owned] as Buffer);
    }
  }
}

const empty = Buffer.alloc(0);
