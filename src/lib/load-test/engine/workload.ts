import type { AnswerCheck } from '../answer-check.js';
import type { ShardConfig } from '../shard.js';

/** What is sent, in turn over all connections of a thread, and what makes an answer right. */
export interface Workload {
  readonly check: AnswerCheck;
  readonly headOnly: boolean;
  /** Index of the next request. */
  next(): number;
  bytes(index: number): Buffer;
}

/** One array of finished requests for all connections: autocannon would clone its list of them for each. */
export function createWorkload(config: ShardConfig): Workload {
  const requests = config.requests.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const [only] = requests;
  if (only === undefined) throw new RangeError('a load needs at least one request');
  let cursor = config.firstRequest % requests.length;
  return {
    check: config.check,
    headOnly: config.headOnly,
    next: () => {
      const index = cursor;
      cursor = cursor + 1 === requests.length ? 0 : cursor + 1;
      return index;
    },
    bytes: (index) => requests[index] ?? only,
  };
}
