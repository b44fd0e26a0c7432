import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertClient } from '../../../../src/lib/load-test/engine/autocannon-client.js';
import { openShard } from '../../../../src/lib/load-test/engine/open-shard.js';
import { merge } from '../../../../src/lib/load-test/histogram.js';
import { epochMs } from '../../../../src/lib/load-test/shard.js';
import { expectToAddUp, load, shardConfig } from '../../../support/load-shard.js';
import { startScriptedServer } from '../../../support/scripted-server.js';

const silent = { onProgress: () => {}, onSecond: () => {} };

describe('a run', () => {
  it('splits the window into seconds that sum up to the whole', async () => {
    const { report, seconds } = await load(({ number }, wire) => wire.answer(number % 7 === 0 ? 500 : 200, ''), {
      durationMs: 1_100,
    });
    expectToAddUp(report);
    expect(seconds.map(({ second }) => second)).toEqual([0, 1]);
    expect(seconds.reduce((sum, { ok }) => sum + ok, 0)).toBe(report.ok);
    expect(seconds.reduce((sum, { failed }) => sum + failed, 0)).toBe(report.failed);
    const samples = merge(seconds.map(({ latencies }) => latencies)).histogram.totalCount;
    expect(samples).toBe(report.ok + report.failed);
  });

  it('sends nothing before the start and nothing after a stop, and reports the part that ran', async () => {
    const server = await startScriptedServer((_request, wire) => wire.answer(200, ''));
    const shard = openShard(shardConfig(server, { durationMs: 60_000 }), silent);
    await shard.ready;
    expect(server.requests).toBe(0);
    shard.start(epochMs());
    while (server.requests < 100) await new Promise((resolve) => setTimeout(resolve, 1));
    shard.stop();
    const report = await shard.done;
    expectToAddUp(report);
    expect(report.sent).toBe(server.requests);
    expect(report.windowMs).toBeGreaterThan(0);
    expect(report.windowMs).toBeLessThan(60_000);
    await server.stop();
  });

  it('books what does not end after a stop as unanswered', async () => {
    const { report } = await load(
      () => {},
      { durationMs: 60_000, timeoutMs: 100_000 },
      async (shard, server) => {
        while (server.requests < 5) await new Promise((resolve) => setTimeout(resolve, 1));
        shard.stop();
      },
    );
    expectToAddUp(report);
    expect(report).toMatchObject({ sent: 5, ok: 0, timeouts: 0, afterEnd: { unanswered: 5 } });
  });

  it('can be stopped before it starts', async () => {
    const server = await startScriptedServer(() => {});
    const shard = openShard(shardConfig(server), silent);
    shard.stop();
    expect(await shard.done).toMatchObject({ sent: 0, windowMs: 0 });
    await server.stop();
  });

  it('counts refused connections and goes on trying, ever more slowly', async () => {
    const server = await startScriptedServer(() => {});
    await server.stop();
    const shard = openShard(shardConfig(server, { connections: 3 }), silent);
    await shard.ready;
    shard.start(epochMs());
    const report = await shard.done;
    expectToAddUp(report);
    expect(report.sent).toBe(0);
    expect(report.failures).toEqual({ 'ECONNREFUSED while connecting': report.connectErrors });
    // In 100 ms: the first attempt, then after 0, 50 and 100 ms.
    expect(report.connectErrors).toBeGreaterThanOrEqual(6);
    expect(report.connectErrors).toBeLessThanOrEqual(12);
  });

  it('does not hammer a target that hangs up on idle connections while the others are still connecting', async () => {
    let accepted = 0;
    const hangUp = createServer((socket) => {
      accepted++;
      socket.on('error', () => {}).destroy();
    });
    await new Promise<void>((resolve) => hangUp.listen(0, '127.0.0.1', resolve));
    const { port } = hangUp.address() as AddressInfo;
    const shard = openShard(shardConfig({ port, url: 'http://127.0.0.1' }, { connections: 2 }), silent);
    await shard.ready;
    await new Promise((resolve) => setTimeout(resolve, 120));
    shard.stop();
    await shard.done;
    expect(accepted).toBeLessThanOrEqual(10);
    hangUp.close();
  });

  it('takes an address that works when another does not', async () => {
    const { report } = await load((_request, wire) => wire.answer(200, ''), {
      addresses: ['127.0.0.2', '127.0.0.1'],
      connections: 2,
    });
    expectToAddUp(report);
    expect(report.connectErrors).toBe(1);
    expect(report.ok).toBeGreaterThan(0);
  });
});

describe('the private members of autocannon', () => {
  it('are there: a run with the real one passes the check', async () => {
    const { report } = await load((_request, wire) => wire.answer(200, ''), { durationMs: 50, connections: 1 });
    expect(report.sent).toBeGreaterThan(0);
  });

  it('are missed by name and version', () => {
    const client = { _connect() {}, destroy() {}, emit() {}, parser: { execute() {}, reinitialize() {} } };
    expect(() => assertClient(client)).toThrow(
      'the installed autocannon has no Client._doRequest, Client._destroyConnection, Client.parser.finish, HTTPParser.kOnHeadersComplete, HTTPParser.kOnBody, HTTPParser.kOnMessageComplete: the load test needs autocannon 9.0.0 exactly',
    );
  });
});
