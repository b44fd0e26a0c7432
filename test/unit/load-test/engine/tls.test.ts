import { afterAll, describe, expect, it } from 'vitest';
import { openShard } from '../../../../src/lib/load-test/engine/open-shard.js';
import { epochMs, type ShardConfig } from '../../../../src/lib/load-test/shard.js';
import { selfSignedCertificate } from '../../../support/certificate.js';
import { expectToAddUp, shardConfig } from '../../../support/load-shard.js';
import { startScriptedServer } from '../../../support/scripted-server.js';

const certificate = selfSignedCertificate('127.0.0.1');

describe.skipIf(certificate === undefined)('TLS', async () => {
  const server = await startScriptedServer(({ onConnection }, wire) => {
    wire.answer(200, 'fine', onConnection === 20 ? { Connection: 'close' } : {});
    if (onConnection === 20) wire.close();
  }, certificate);
  afterAll(() => server.stop());

  async function run(overrides: Partial<ShardConfig>) {
    const config = shardConfig(server, { durationMs: 200, connections: 2, ...overrides });
    const shard = openShard(config, { onProgress: () => {}, onSecond: () => {} });
    await shard.ready;
    shard.start(epochMs());
    return shard.done;
  }

  it('gives an untrusted certificate no byte of HTTP', async () => {
    const report = await run({});
    expectToAddUp(report);
    expect(report.sent).toBe(0);
    expect(server.requests).toBe(0);
    expect(report.failures).toEqual({ 'DEPTH_ZERO_SELF_SIGNED_CERT while connecting': report.connectErrors });
  });

  it('takes it with `insecure`, reconnects included', async () => {
    const report = await run({ insecure: true });
    expectToAddUp(report);
    expect(report).toMatchObject({ failed: 0, lost: 0, connectErrors: 0 });
    expect(report.sent).toBe(server.requests);
    expect(report.sent).toBeGreaterThan(20);
  });
});
