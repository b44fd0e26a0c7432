import { describe, expect, it, onTestFinished } from 'vitest';
import { runLoadTest } from '../../../src/lib/load-test/run-load-test.js';
import type { OpenShard, ShardConfig } from '../../../src/lib/load-test/shard.js';
import { builtOpenThread } from '../../support/built.js';
import { startFixedServer } from '../../support/fixed-server.js';
import { loadTestDeps, loadTestOptions } from '../../support/load-test-deps.js';

describe('a load over several threads', () => {
  it('is one load: every request and every connection once, one window, one timeline', async () => {
    const server = await startFixedServer(5);
    onTestFinished(() => server.stop());
    const openShard = await builtOpenThread();
    const options = loadTestOptions({ url: server.url, connections: 43, threads: 10, durationMs: 2_000 });
    const result = await runLoadTest(options, loadTestDeps({ openShard }));
    const seen = await server.report();
    expect(result.verdict).toBe('pass');
    expect(result.requests).toMatchObject({ sent: seen.received - 1, failed: 0, lost: 0, timeouts: 0, connects: 43 });
    expect(result.timeline.map(({ second }) => second)).toEqual([0, 1]);
    expect(result.timeline.reduce((sum, { ok }) => sum + ok, 0)).toBe(result.requests.ok);
    expect(result.load.measuredSeconds).toBe(2);
    expect(result.generator.busyConnections).toBeCloseTo(43, -1);
  });

  it('is invalid when a thread dies, and says which', async () => {
    const server = await startFixedServer(5);
    onTestFinished(() => server.stop());
    const built = await builtOpenThread();
    let opened = 0;
    // A check that cannot be read makes the thread throw at its first answer.
    const openShard: OpenShard = (config, events) =>
      built(
        ++opened === 2 ? { ...config, check: { kind: 'predictions' } as unknown as ShardConfig['check'] } : config,
        events,
      );
    const options = loadTestOptions({ url: server.url, connections: 4, threads: 2, durationMs: 5_000 });
    const result = await runLoadTest(options, loadTestDeps({ openShard }));
    expect(result.verdict).toBe('invalid');
    expect(result.reasons[0]).toMatch(/^the load is incomplete: thread 2 of 2: /);
    expect(result.load.measuredSeconds).toBeLessThan(5);
  });
});
