import { describe, expect, it } from 'vitest';
import type { ShardReport } from '../../../src/lib/load-test/shard.js';
import { socketErrorReason } from '../../../src/lib/load-test/socket-error.js';
import { type Tally, tally } from '../../../src/lib/load-test/tally.js';
import { invalidReasons, notesOn } from '../../../src/lib/load-test/validity.js';
import { decide, exitCodeOf, failureReasons, judgeGates } from '../../../src/lib/load-test/verdict.js';
import { shardReport } from '../../support/load-result.js';

const right = (count: number, overrides: Partial<ShardReport> = {}) =>
  tally([shardReport(Array(count).fill(2), overrides)]);
const timelineOf = ({ requests }: Tally) => [
  { second: 0, ok: requests.ok, failed: requests.failed + requests.timeouts + requests.lost, p50: 2, p99: 2 },
];

function reasons(sum: Tally, minRequests = 10): readonly string[] {
  return failureReasons(sum.requests, judgeGates(sum.requests, minRequests), minRequests);
}

describe('gates', () => {
  it('pass when there are enough right answers and no error', () => {
    const { requests } = right(10);
    expect(judgeGates(requests, 10)).toEqual([
      { name: 'min-requests', rule: 'ok >= 10', value: 10, threshold: 10, passed: true },
      { name: 'errors', rule: 'errors == 0 %', value: 0, threshold: 0, passed: true },
    ]);
    expect(reasons(right(10))).toEqual([]);
    expect(reasons(right(9))).toEqual(['9 right answers, at least 10 were asked for']);
  });

  it.each<[string, Partial<ShardReport>]>([
    ['a wrong answer', { failed: 1, sent: 11 }],
    ['a timeout', { timeouts: 1, sent: 11 }],
    ['a lost request', { lost: 1, sent: 11 }],
    ['a refused connection', { connectErrors: 1 }],
    [
      'one under way at the end that failed then',
      { sent: 11, afterEnd: { ok: 0, failed: 1, timeouts: 0, lost: 0, unanswered: 0 } },
    ],
    [
      'one under way at the end that timed out',
      { sent: 11, afterEnd: { ok: 0, failed: 0, timeouts: 1, lost: 0, unanswered: 0 } },
    ],
  ])('fail for %s, with numerator and denominator', (_name, overrides) => {
    const sum = right(10, overrides);
    expect(judgeGates(sum.requests, 10)[1]).toMatchObject({ passed: false, value: 9.09 });
    expect(reasons(sum)).toEqual(['1 errors in 11 requests and connects, none is allowed']);
  });

  it('never round an error away', () => {
    const { requests } = right(10, { ok: 50_000_000, sent: 50_000_001, failed: 1 });
    expect(judgeGates(requests, 0)[1]).toMatchObject({ value: 0.000002, passed: false });
  });

  it('a test without one right answer fails, whatever it asked for', () => {
    expect(reasons(right(0), 0)).toEqual(['not one right answer']);
  });
});

describe('decide', () => {
  it('has no verdict on an interrupted test or an invalid measurement', () => {
    expect(decide({ interrupted: true, invalid: ['x'], failed: ['y'] })).toBe('interrupted');
    expect(decide({ interrupted: false, invalid: ['x'], failed: [] })).toBe('invalid');
    expect(decide({ interrupted: false, invalid: [], failed: ['y'] })).toBe('fail');
    expect(decide({ interrupted: false, invalid: [], failed: [] })).toBe('pass');
  });

  it('ends with the code of the table', () => {
    expect((['pass', 'fail', 'invalid', 'interrupted'] as const).map(exitCodeOf)).toEqual([0, 3, 4, 130]);
  });
});

describe('invalidReasons', () => {
  const check = (sum: Tally, more: Partial<Parameters<typeof invalidReasons>[0]> = {}) =>
    invalidReasons({ tally: sum, timeline: timelineOf(sum), missing: [], minRequests: 10, connections: 100, ...more });

  it('finds nothing in books that add up', () => {
    expect(check(right(5_000))).toEqual([]);
  });

  it('finds requests that are nowhere, and latencies and seconds that are missing', () => {
    expect(check(right(100, { sent: 101 }))).toEqual([
      'the books do not add up: 101 sent, 100 accounted for',
      'the books do not add up: 101 sent, 100 latencies',
    ]);
    expect(check(right(100), { timeline: [] })).toEqual([
      'the books do not add up: 100 finished, 0 of them in the timeline',
    ]);
  });

  it('finds a generator that did nothing', () => {
    expect(check(right(0))).toEqual(['no request was sent over open connections']);
    expect(check(right(0, { connects: 0, connectErrors: 5 }))).toEqual([]);
  });

  it("finds latencies that Little's law forbids", () => {
    const busy = { sampled: 100, samples: 20, byLatency: 102 };
    expect(check(right(1_000, { busy }))).toEqual([
      "Little's law does not hold: the latencies add up to 102.0 busy connections, there were 100",
    ]);
    expect(check(right(1_000, { busy: { ...busy, byLatency: 100.5 } }))).toEqual([]);
    // A server that closes connections keeps them idle for a part of the time, and sampling may miss it.
    expect(check(right(1_000, { busy: { ...busy, sampled: 2.5, byLatency: 7.4 } }))).toEqual([]);
  });

  it('names a thread that is missing', () => {
    expect(check(right(10), { missing: ['thread 2 of 2: gone'] })).toEqual([
      'the load is incomplete: thread 2 of 2: gone',
    ]);
  });

  it('does not blame the target for sockets that the generator lacks', () => {
    const reason = socketErrorReason('while connecting', Object.assign(new Error(), { code: 'EMFILE' }));
    expect(check(right(10, { failures: { [reason]: 3 } }))).toEqual([
      'the generator has no more open files: raise the limit with ulimit -n (EMFILE)',
    ]);
    const refused = socketErrorReason('while connecting', Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    expect(check(right(10, { failures: { [refused]: 3 } }))).toEqual([]);
  });

  it('blames the generator only when it had no moment to spare and nothing else is wrong', () => {
    const generator = { eventLoopDelayP99Ms: 1, utilization: 0.99 };
    expect(check(right(100, { generator }), { minRequests: 101 })[0]).toMatch(/^the generator was the limit: .* 99 % /);
    expect(check(right(100, { generator }), { minRequests: 100 })).toEqual([]);
    expect(check(right(100, { generator, connectErrors: 1 }), { minRequests: 101 })).toEqual([]);
    const sum = tally([shardReport([1], { generator }), shardReport([1])]);
    expect(check(sum, { minRequests: 101 })).toEqual([]);
  });
});

describe('notesOn', () => {
  const quiet = { threads: 1, connections: 1, cpus: 8, sameHost: false, insecure: false };

  it('says nothing where there is nothing to say', () => {
    expect(notesOn({ tally: right(10_000), ...quiet })).toEqual([]);
  });

  it('says what limits the figures', () => {
    const generator = { eventLoopDelayP99Ms: 12, utilization: 0.9 };
    const notes = notesOn({
      tally: right(10, { generator, connects: 4 }),
      threads: 10,
      connections: 1,
      cpus: 2,
      sameHost: true,
      insecure: true,
    }).join('\n');
    for (const part of [
      '--insecure',
      '2 CPUs of one machine',
      '10 threads on 2 CPUs',
      '12 ms late',
      'busy 90 %',
      '3 reconnects',
      'p99 needs 1,000',
    ]) {
      expect(notes).toContain(part);
    }
  });
});

describe('tally', () => {
  it('sums threads and takes the earliest failure and the worst generator', () => {
    const sum = tally([
      shardReport([1, 1], { failures: { a: 1 }, firstFailure: { reason: 'a', status: 500, body: 'x', atMs: 9 } }),
      shardReport([3], {
        failures: { a: 1, b: 5 },
        firstFailure: { reason: 'b', status: null, body: null, atMs: 4 },
        generator: { eventLoopDelayP99Ms: 7, utilization: 0.1 },
      }),
    ]);
    expect(sum.requests).toMatchObject({ sent: 3, ok: 3, answered: 3, byStatus: { 200: 3 }, connects: 2 });
    expect(sum.failures).toEqual([
      { reason: 'b', count: 5 },
      { reason: 'a', count: 2 },
    ]);
    expect(sum.firstFailure?.reason).toBe('b');
    expect(sum).toMatchObject({ eventLoopDelayP99Ms: 7, utilization: { min: 0.1, max: 0.5 }, busy: { sampled: 2 } });
    expect(sum.all.histogram.totalCount).toBe(3);
  });
});
