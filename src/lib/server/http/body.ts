import type { IncomingMessage } from 'node:http';
import { formatCount, formatSize } from '../../base/units.js';
import { clientGone, HttpProblem, turnedAway } from './problem.js';

/**
 * Bytes of request bodies that may be in memory at a time, over all connections. Without it, memory would be bounded
 * by connections times body limit only: ten thousand slow uploads of 1 MiB are 10 GiB.
 */
export class BodyBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** False, and nothing taken, when it would be more than there is. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Reads a request body and calls `done` exactly once, with the bytes or with why they were not read. What a refused
 * client still sends is read and thrown away, so that it gets to see the answer; the request timeout ends it.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  done: (body: Buffer | HttpProblem) => void,
): void {
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > limits.bodyBytes) {
    request.resume();
    done(tooLarge(limits));
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  let finished = false;

  const finish = (body: Buffer | HttpProblem) => {
    finished = true;
    limits.budget.giveBack(bytes);
    chunks.length = 0;
    done(body);
  };
  // The listeners stay when all is said: what still comes is thrown away, an abort of it is nobody's error, and taking
  // them off would cost more than all they do.
  request.on('data', (chunk: Buffer) => {
    if (finished) return;
    if (bytes + chunk.length > limits.bodyBytes) finish(tooLarge(limits));
    else if (!limits.budget.take(chunk.length)) finish(noMemory(limits));
    else {
      bytes += chunk.length;
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    if (!finished) finish(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
  });
  request.on('error', () => {
    if (!finished) finish(clientGone());
  });
}

/** Names the limit, as every limit is named where it is enforced. */
export function tooLarge(limits: Pick<BodyLimits, 'bodyBytes'>): HttpProblem {
  const size = `${formatSize(limits.bodyBytes)} (${formatCount(limits.bodyBytes)} bytes)`;
  return new HttpProblem(413, `The body is larger than ${size}, the limit serve.limits.body`);
}

function noMemory({ budget }: BodyLimits): HttpProblem {
  const message = `${formatSize(budget.limitBytes)} of request bodies are being received already: try again later`;
  return turnedAway('memory', message);
}
