import { describe, expect, it } from 'vitest';
import { predictionsCheck } from '../../../../src/lib/load-test/answer-check.js';
import { merge, percentileMs } from '../../../../src/lib/load-test/histogram.js';
import { answeredEver, expectToAddUp, load, postRequest } from '../../../support/load-shard.js';
import type { Script } from '../../../support/scripted-server.js';

/** Rows that are echoed: an answer that is matched to another request than its own is noticed. */
const requests = Array.from({ length: 97 }, (_, index) => postRequest(`{"array":[${index}]}`));
const echoed = {
  requests,
  check: predictionsCheck(
    Array(97).fill(1),
    Array.from({ length: 97 }, (_, index) => [index]),
  ),
};
const echo = (body: string) => JSON.stringify({ predicciones: (JSON.parse(body) as { array: number[] }).array });

describe('a server that closes connections', () => {
  it('every 100 requests, saying so: nothing is lost and nothing mixed up', async () => {
    const script: Script = ({ onConnection, body }, wire) => {
      wire.answer(200, echo(body), onConnection === 100 ? { Connection: 'close' } : {});
      if (onConnection === 100) wire.close();
    };
    const { server, report } = await load(script, { ...echoed, durationMs: 400 });
    expectToAddUp(report);
    expect(report).toMatchObject({ failed: 0, lost: 0, timeouts: 0, connectErrors: 0, failures: {} });
    expect(report.sent).toBe(server.requests);
    // The last ones may be accepted there and not yet known here.
    expect(server.connections - report.connects).toBeLessThanOrEqual(5);
    expect(report.connects).toBeLessThanOrEqual(server.connections);
    expect(server.connections).toBeGreaterThanOrEqual(Math.floor(server.requests / 100));
    expect(server.requests).toBeGreaterThan(500);
  });

  it('every 100 requests, without a word: what was sent into the closing is lost and counted, the rest is right', async () => {
    const script: Script = ({ onConnection, body }, wire) => {
      wire.answer(200, echo(body));
      if (onConnection === 100) wire.close();
    };
    const { server, report } = await load(script, { ...echoed, durationMs: 400 });
    expectToAddUp(report);
    expect(report.failed).toBe(0);
    expect(report.ok + report.afterEnd.ok).toBe(server.answers);
    expect(report.sent - report.lost - report.afterEnd.lost).toBe(server.requests);
    expect(report.lost + report.afterEnd.lost).toBeLessThanOrEqual(Math.floor(server.requests / 100));
    // The latencies of those after a reconnect are as those before: no request waits for the answer of a dead one.
    expect(percentileMs(merge([report.right]), 50, 0)).toBeLessThan(100);
  });

  it('after every answer, as HTTP/1.0 does', async () => {
    const script: Script = ({ body }, wire) => {
      wire.raw(`HTTP/1.0 200 OK\r\n\r\n${echo(body)}`);
      wire.close();
    };
    const { server, report } = await load(script, echoed);
    expectToAddUp(report);
    expect(report).toMatchObject({ failed: 0, lost: 0, failures: {} });
    expect(report.sent).toBe(server.requests);
    expect(server.connections).toBeGreaterThanOrEqual(server.requests);
  });

  it('in the middle of a body: lost, with the reason, and no half answer leaks into the next connection', async () => {
    const script: Script = ({ number, body }, wire) => {
      if (number % 3 !== 0) return wire.answer(200, echo(body));
      wire.raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"predic');
      wire.close();
    };
    const { server, report } = await load(script, echoed);
    expectToAddUp(report);
    expect(report.sent).toBe(server.requests);
    const lost = Math.floor(server.requests / 3);
    expect(report.lost + report.afterEnd.lost).toBe(lost);
    expect(report.failures).toEqual({ 'connection closed in the middle of the answer': lost });
    expect(report.ok).toBeGreaterThan(0);
  });

  it('with a reset instead of an answer: lost, by its code, and asked again ever more slowly', async () => {
    const { server, report } = await load((_request, wire) => wire.reset());
    expectToAddUp(report);
    expect(report.ok).toBe(0);
    expect(report.failures).toEqual({ 'ECONNRESET before the answer': server.requests });
    expect(report.firstFailure).toMatchObject({ status: null, body: null });
    // 5 connections, in 100 ms: at once, then after 0, 50 and 100 ms.
    expect(server.requests).toBeLessThanOrEqual(20);
  });
});

describe('a server that does not answer', () => {
  it('every tenth request: each is a timeout, and in the latencies at its age', async () => {
    const script: Script = ({ number, body }, wire) => {
      if (number % 10 !== 0) wire.after(5, () => wire.answer(200, echo(body)));
    };
    const { server, report } = await load(script, { ...echoed, connections: 20, timeoutMs: 150, durationMs: 600 });
    expectToAddUp(report);
    expect(report.sent).toBe(server.requests);
    expect(report.timeouts + report.afterEnd.timeouts).toBe(Math.floor(server.requests / 10));
    expect(answeredEver(report)).toBe(server.answers);
    expect(report.failures).toEqual({ 'no complete answer within the timeout': Math.floor(server.requests / 10) });
    expect(percentileMs(merge([report.all]), 95, 0)).toBeGreaterThanOrEqual(149);
    expect(percentileMs(merge([report.right]), 95, 0)).toBeLessThan(150);
  });

  it('at all: what is open at the end is waited for until its timeout', async () => {
    const { server, report } = await load(() => {}, { durationMs: 100, timeoutMs: 250 });
    expectToAddUp(report);
    expect(report).toMatchObject({ sent: 5, ok: 0, timeouts: 0, afterEnd: { timeouts: 5, unanswered: 0 } });
    expect(server.requests).toBe(5);
    expect(percentileMs(merge([report.all]), 50, 0)).toBeGreaterThanOrEqual(249);
  });

  it('but trickles: the timeout is to the last byte', async () => {
    const script: Script = (_request, wire) => {
      wire.raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n');
      for (let part = 1; part < 100; part++) wire.after(part * 20, () => wire.raw('x'));
    };
    const { server, report } = await load(script, { timeoutMs: 120 });
    expectToAddUp(report);
    expect(report.ok + report.afterEnd.ok).toBe(0);
    expect(report.timeouts + report.afterEnd.timeouts).toBe(server.requests);
  });
});

describe('a server that does not speak HTTP', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -40\r\n\r\n'],
    ['no number for a length', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
    ['a negative chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello'],
    ['an endless header', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
  ])('%s is a lost request with a reason', async (_name, bytes) => {
    const { server, report } = await load((_request, wire) => wire.raw(bytes), { durationMs: 120 });
    expectToAddUp(report);
    expect(report.ok).toBe(0);
    expect(report.lost + report.afterEnd.lost).toBe(server.requests);
    expect(Object.keys(report.failures)).toEqual([expect.stringMatching(/^not an HTTP answer \(.+\)$/)]);
  });

  it('answers twice: the second is not taken for the answer to the next request', async () => {
    const script: Script = ({ body }, wire) => {
      wire.raw(`HTTP/1.1 200 OK\r\nContent-Length: ${echo(body).length}\r\n\r\n${echo(body)}`.repeat(2));
    };
    const { server, report } = await load(script, echoed);
    expectToAddUp(report);
    expect(report.failures).toEqual({});
    expect(report.ok + report.afterEnd.ok).toBe(server.requests);
    expect(server.connections).toBeGreaterThan(5);
  });

  it('talks without being asked: the connection is replaced', async () => {
    const script: Script = ({ body }, wire) => {
      wire.answer(200, echo(body));
      wire.after(1, () => wire.raw('HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n'));
    };
    const { report } = await load(script, { ...echoed, connections: 1, durationMs: 100 });
    expectToAddUp(report);
    expect(report.sent).toBeGreaterThan(1);
  });
});
