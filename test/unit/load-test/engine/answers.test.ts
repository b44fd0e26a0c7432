import { describe, expect, it } from 'vitest';
import { predictionsCheck } from '../../../../src/lib/load-test/answer-check.js';
import { merge, summarise } from '../../../../src/lib/load-test/histogram.js';
import { answeredEver, expectToAddUp, load, postRequest } from '../../../support/load-shard.js';
import type { Script } from '../../../support/scripted-server.js';

const ok: Script = (_request, wire) => wire.answer(200, 'fine');

describe('answers', () => {
  it('counts every right answer once, as the server does', async () => {
    const { server, report, seconds } = await load(ok);
    expectToAddUp(report);
    expect(report.sent).toBe(server.requests);
    expect(answeredEver(report)).toBe(server.answers);
    expect(report).toMatchObject({ failed: 0, timeouts: 0, lost: 0, connectErrors: 0, connects: 5, windowMs: 100 });
    expect(report.ok).toBeGreaterThan(0);
    expect(seconds.map(({ second }) => second)).toEqual([0]);
    expect(seconds[0]?.ok).toBe(report.ok);
  });

  it('counts an error status as failed and shows the first one', async () => {
    const { server, report } = await load((_request, wire) => wire.answer(503, 'try \u001b[31mlater'));
    expectToAddUp(report);
    expect(report.ok).toBe(0);
    expect(report.failed).toBe(report.byStatus[503]);
    expect(report.failures['status 503']).toBe(server.requests);
    expect(report.firstFailure).toMatchObject({ reason: 'status 503', status: 503, body: 'try ·[31mlater' });
  });

  it('counts a redirect as failed: nothing is followed', async () => {
    const { server, report } = await load((_request, wire) => wire.answer(302, '', { Location: '/elsewhere' }));
    expectToAddUp(report);
    expect(report.ok).toBe(0);
    expect(report.sent).toBe(server.requests);
    expect(Object.keys(report.failures)).toEqual(['status 302']);
  });

  it.each<[string, Script]>([
    ['chunked', (_r, wire) => wire.raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n')],
    ['204 without a body', (_r, wire) => wire.raw('HTTP/1.1 204 No Content\r\n\r\n')],
    [
      '204 with a length it must not have',
      (_r, wire) => wire.raw('HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n'),
    ],
    [
      'an interim answer first',
      (_r, wire) => wire.raw('HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    ],
    [
      'byte by byte',
      (_r, wire) => {
        for (const byte of 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok') wire.raw(byte);
      },
    ],
  ])('reads %s on kept connections', async (_name, script) => {
    const { server, report } = await load(script);
    expectToAddUp(report);
    expect(report.sent).toBe(server.requests);
    expect(report).toMatchObject({ failed: 0, lost: 0, timeouts: 0, connects: 5 });
    expect(report.ok).toBeGreaterThan(0);
  });

  it('reads the head only for HEAD', async () => {
    const head = Buffer.from('HEAD / HTTP/1.1\r\nHost: test\r\n\r\n');
    const script: Script = (_request, wire) => wire.raw('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    const { server, report } = await load(script, { requests: [head], headOnly: true });
    expectToAddUp(report);
    expect(report.ok + report.afterEnd.ok).toBe(server.requests);
  });

  it('sends the requests in turn over all connections, from the given one on', async () => {
    const requests = Array.from({ length: 7 }, (_, index) => postRequest(`{"array":[${index}]}`));
    const { server } = await load(ok, { requests, firstRequest: 3, connections: 1 });
    expect(server.bodies.slice(0, 9)).toEqual([3, 4, 5, 6, 0, 1, 2, 3, 4].map((index) => `{"array":[${index}]}`));
  });

  it('holds each answer against the request it belongs to', async () => {
    const requests = Array.from({ length: 10 }, (_, index) => postRequest(`{"array":[${index}]}`));
    const check = predictionsCheck(
      Array(10).fill(1),
      Array.from({ length: 10 }, (_, index) => [index]),
    );
    const echo: Script = ({ number, body }, wire) => {
      const [row] = (JSON.parse(body) as { array: [number] }).array;
      wire.answer(200, JSON.stringify({ predicciones: [number % 20 === 0 ? row + 1 : row] }));
    };
    const { server, report } = await load(echo, { requests, check });
    expectToAddUp(report);
    expect(Object.keys(report.failures)).toEqual(['another prediction than to the same rows alone']);
    expect(report.failed + report.afterEnd.failed).toBe(Math.floor(server.requests / 20));
    expect(report.firstFailure?.body).toMatch(/^{"predicciones":\[\d+\]}$/);
  });

  it('keeps large bodies whole over many reads', async () => {
    const list = JSON.stringify({ predicciones: Array(100_000).fill(1) });
    const { report } = await load((_request, wire) => wire.answer(200, list), {
      check: predictionsCheck([100_000]),
      connections: 2,
    });
    expectToAddUp(report);
    expect(report.failures).toEqual({});
    expect(report.ok).toBeGreaterThan(0);
  });

  it('measures what the server takes, not less', async () => {
    const slow: Script = (_request, wire) => wire.after(50, () => wire.answer(200, ''));
    const { report } = await load(slow, { connections: 20, durationMs: 500 });
    expectToAddUp(report);
    // A timer may fire within the millisecond before it is due.
    expect(summarise(merge([report.all])).p50).toBeGreaterThanOrEqual(49);
    expect(report.busy.byLatency).toBeCloseTo(report.busy.sampled, -1);
  });
});
