import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLoadTest } from '../../../src/lib/load-test/run-load-test.js';
import { builtOpenThread } from '../../support/built.js';
import { startFixedServer } from '../../support/fixed-server.js';
import { loadTestDeps, loadTestOptions } from '../../support/load-test-deps.js';

const connections = 100;
const seconds = 4;
const delayMs = 50;

// How close the times are to the server's own and to wrk's is measured by `npm run bench -- load-test`: on a busy machine
// a bound on them would say nothing. Counts have no noise, and no request can be faster than the server's delay.
describe('against a server that takes 50 ms', () => {
  let server: Awaited<ReturnType<typeof startFixedServer>>;
  beforeAll(async () => {
    server = await startFixedServer(delayMs);
  });
  afterAll(() => server.stop());

  it('counts what the server counts, and is never faster than it', async () => {
    const openShard = await builtOpenThread();
    const options = loadTestOptions({ url: `${server.url}/`, method: 'GET', connections, durationMs: seconds * 1_000 });
    const result = await runLoadTest(options, loadTestDeps({ openShard }));
    const seen = await server.report();
    const { sent, ok, inFlightAtEnd, afterEnd } = result.requests;
    // One more is the preflight.
    expect(sent).toBe(seen.received - 1);
    expect(ok + afterEnd.ok).toBe(seen.answered - 1);
    expect(ok + inFlightAtEnd).toBe(sent);
    expect(result.throughput.meanPerSecond).toBeCloseTo(ok / seconds, 1);
    // Node's timers may fire up to a millisecond early by the clock of another thread.
    expect(result.latencyMs.p50).toBeGreaterThanOrEqual(delayMs - 1);
    expect(ok).toBeLessThanOrEqual((connections * seconds * 1_000) / (delayMs - 1));
  });
});
