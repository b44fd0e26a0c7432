import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type GenerateOptions, generateLoad, type LoadProgress } from '../../../src/lib/load-test/generate.js';
import { createRecorder, encode, record } from '../../../src/lib/load-test/histogram.js';
import { progressLine } from '../../../src/lib/load-test/progress-line.js';
import type { OpenShard, Shard, ShardConfig, ShardEvents, ShardReport } from '../../../src/lib/load-test/shard.js';
import { serveThread } from '../../../src/lib/load-test/thread.js';
import { shardReport } from '../../support/load-result.js';

const config = { connections: 1 } as ShardConfig;

/** A shard whose every step the test takes itself. */
class ScriptedShard implements Shard {
  readonly #ready = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<ShardReport>();
  readonly ready = this.#ready.promise;
  readonly done = this.#done.promise;
  readonly events: ShardEvents;
  startedAt: number | undefined;
  stopped = false;

  constructor(events: ShardEvents) {
    this.events = events;
    this.#done.promise.catch(() => undefined);
  }

  start(atEpochMs: number): void {
    this.startedAt = atEpochMs;
  }

  stop(): void {
    this.stopped = true;
    this.#ready.resolve();
    this.finish();
  }

  becomeReady(): void {
    this.#ready.resolve();
  }

  finish(): void {
    this.#done.resolve(shardReport([1]));
  }

  fail(message: string): void {
    this.#ready.reject(new Error(message));
    this.#done.reject(new Error(message));
  }
}

function start(threads: number, overrides: Partial<GenerateOptions> = {}) {
  const shards: ScriptedShard[] = [];
  const openShard: OpenShard = (_config, events) => {
    const shard = new ScriptedShard(events);
    shards.push(shard);
    return shard;
  };
  const stop = new AbortController();
  const load = generateLoad(Array(threads).fill(config), {
    openShard,
    stop: stop.signal,
    onProgress: () => {},
    ...overrides,
  });
  return { shards: shards as [ScriptedShard, ScriptedShard], load, stop };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

function latencies(values: readonly number[]) {
  const recorder = createRecorder();
  for (const value of values) record(recorder, value);
  return encode(recorder);
}

describe('generateLoad', () => {
  it('starts all threads at one instant, once all are ready', async () => {
    const { shards, load } = start(2);
    shards[0].becomeReady();
    await soon();
    expect(shards[0].startedAt).toBeUndefined();
    shards[1].becomeReady();
    await soon();
    expect(shards[0].startedAt).toBeGreaterThan(0);
    expect(shards[1].startedAt).toBe(shards[0].startedAt);
    for (const shard of shards) shard.finish();
    const { reports, missing, startedAt } = await load;
    expect(reports).toHaveLength(2);
    expect(missing).toEqual([]);
    expect(startedAt.getTime()).toBe(Math.floor(shards[0].startedAt ?? 0));
  });

  it('merges the seconds of all threads, percentiles from the sum', async () => {
    const { shards, load } = start(2);
    for (const shard of shards) shard.becomeReady();
    await soon();
    shards[0].events.onSecond({ second: 0, ok: 99, failed: 1, latencies: latencies(Array(100).fill(1)) });
    shards[1].events.onSecond({ second: 0, ok: 100, failed: 0, latencies: latencies(Array(100).fill(9)) });
    shards[1].events.onSecond({ second: 1, ok: 1, failed: 0, latencies: latencies([5]) });
    for (const shard of shards) shard.finish();
    expect((await load).timeline).toEqual([
      { second: 0, ok: 199, failed: 1, p50: 1, p99: 9 },
      { second: 1, ok: 1, failed: 0, p50: null, p99: null },
    ]);
  });

  it('stops all when one dies, and names it', async () => {
    const { shards, load } = start(2);
    for (const shard of shards) shard.becomeReady();
    await soon();
    shards[1].fail('out of memory');
    const { reports, missing } = await load;
    expect(shards[0].stopped).toBe(true);
    expect(reports).toHaveLength(1);
    expect(missing).toEqual(['thread 2 of 2: out of memory']);
  });

  it('stops all when one cannot be set up', async () => {
    const { shards, load } = start(2);
    shards[0].fail('no autocannon');
    expect((await load).missing).toEqual(['thread 1 of 2: no autocannon']);
    expect(shards[1].stopped).toBe(true);
  });

  it('stops when it is told to, before and after the start', async () => {
    const first = start(2);
    first.stop.abort();
    expect((await first.load).reports).toHaveLength(2);
    expect((await start(1, { stop: AbortSignal.abort() }).load).reports).toHaveLength(1);
  });

  it('tells how far it is', async () => {
    const seen = Promise.withResolvers<LoadProgress>();
    const { shards, load } = start(2, { onProgress: seen.resolve });
    for (const shard of shards) shard.becomeReady();
    await soon();
    for (const shard of shards) shard.events.onProgress({ sent: 60, ok: 50, errors: 5 });
    for (const shard of shards)
      shard.events.onSecond({ second: 0, ok: 100, failed: 0, latencies: latencies(Array(100).fill(4)) });
    const progress = await seen.promise;
    expect(progress).toMatchObject({ sent: 120, ok: 100, errors: 10, p99: 4 });
    expect(progress.okPerSecond).toBeCloseTo(100 / (progress.elapsedMs / 1000));
    for (const shard of shards) shard.finish();
    await load;
  });
});

describe('progressLine', () => {
  const progress: LoadProgress = {
    sent: 130_000,
    ok: 128_412,
    errors: 3,
    elapsedMs: 11_700,
    okPerSecond: 11_204.4,
    p99: 48.23,
  };

  it('has right answers, rate, p99, errors and the time left', () => {
    expect(progressLine(progress, 45_000)).toBe('128,412 ok · 11,204/s · p99 48.2 ms · 3 errors · 34 s left');
  });

  it('says what it waits for at the end', () => {
    expect(progressLine({ ...progress, p99: null, elapsedMs: 45_001 }, 45_000)).toBe(
      '128,412 ok · 11,204/s · p99 - · 3 errors · waiting for the last 1,585 answers',
    );
  });
});

describe('serveThread', () => {
  it('runs a shard from the other end of a port', async () => {
    const { port1, port2 } = new MessageChannel();
    const shards: ScriptedShard[] = [];
    const received: { type: string }[] = [];
    const finished = new Promise<void>((resolve) => {
      port1.on('message', (message: { type: string }) => {
        received.push(message);
        if (message.type === 'ready') port1.postMessage({ type: 'start', atEpochMs: 7 });
        if (message.type === 'ready') port1.postMessage({ type: 'stop' });
        if (message.type === 'done') resolve();
      });
    });
    const served = serveThread(port2, config, (_config, events) => {
      const shard = new ScriptedShard(events);
      shards.push(shard);
      return shard;
    });
    shards[0]?.events.onProgress({ sent: 1, ok: 1, errors: 0 });
    shards[0]?.becomeReady();
    await Promise.all([served, finished]);
    expect(received.map(({ type }) => type)).toEqual(['progress', 'ready', 'done']);
    expect(shards[0]).toMatchObject({ startedAt: 7, stopped: true });
    port1.close();
  });

  it('passes on why a shard failed', async () => {
    const { port1, port2 } = new MessageChannel();
    const failed = new Promise((resolve) => port1.once('message', resolve));
    await serveThread(port2, config, (_config, events) => {
      const shard = new ScriptedShard(events);
      shard.fail('no autocannon');
      return shard;
    });
    expect(await failed).toEqual({ type: 'failed', message: 'no autocannon' });
    port1.close();
  });
});
