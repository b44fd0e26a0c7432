import type { OpenShard, Shard, ShardConfig, ShardEvents, ShardReport } from '../shard.js';
import { assertClient } from './autocannon-client.js';
import { Connection } from './connection.js';
import { createDial } from './dial.js';
import { type GeneratorWatch, watchGenerator } from './generator-watch.js';
import { Ledger } from './ledger.js';
import { createWorkload } from './workload.js';

/** How often totals are told, and the busy connections counted. */
const tickMs = 50;
const ticksPerProgress = 5;
/** What requests under way get to finish when a run is stopped. */
const stopGraceMs = 1_000;
/** autocannon looks this often whether it was stopped. */
const sampleIntervalMs = 20;
/** Longer than any run, so that autocannon's own end and timeouts never come first; in seconds, within setTimeout's range. */
const neverSeconds = 2_000_000;

/**
 * Runs one shard of the load in this thread, one autocannon run with all its connections. The order of events: every
 * connection is tried once (`ready`); `start` opens the window of exactly `durationMs`; after it nothing new is sent and
 * what is under way has until its timeout; `done` resolves with the books.
 */
export const openShard: OpenShard = (config: ShardConfig, events: ShardEvents): Shard => {
  const shard = new ShardRun(config, events);
  const done = shard.run();
  // Whoever waits for `done` sees the failure too; `ready` must not hang then.
  const ready = Promise.race([shard.ready.promise, done.then(() => undefined)]);
  ready.catch(() => undefined);
  return { ready, start: (at) => shard.start(at), stop: () => shard.stop(), done };
};

class ShardRun {
  readonly ready = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  readonly #config: ShardConfig;
  readonly #events: ShardEvents;
  readonly #ledger: Ledger;
  readonly #connections: Connection[] = [];
  #untried: number;
  #watch: GeneratorWatch | undefined;
  #generator = { eventLoopDelayP99Ms: 0, utilization: 0 };
  #giveUpAt = Number.POSITIVE_INFINITY;
  #timers: NodeJS.Timeout[] = [];
  #ticks = 0;
  #busySum = 0;
  #busySamples = 0;

  constructor(config: ShardConfig, events: ShardEvents) {
    this.#config = config;
    this.#events = events;
    this.#untried = config.connections;
    this.#ledger = new Ledger((second) => events.onSecond(second), config.slos);
  }

  async run(): Promise<ShardReport> {
    const { default: autocannon } = await import('autocannon');
    const settings = {
      dial: createDial(this.#config),
      ledger: this.#ledger,
      workload: createWorkload(this.#config),
      timeoutMs: this.#config.timeoutMs,
      onTried: () => {
        if (--this.#untried === 0) this.ready.resolve();
      },
      onRest: () => this.#checkDrained(),
    };
    const run = autocannon({
      url: this.#config.url,
      connections: this.#config.connections,
      duration: neverSeconds,
      timeout: neverSeconds,
      sampleInt: sampleIntervalMs,
      skipAggregateResult: true,
      // Runs before the client's first connect; everything it would do on the wire is ours from here on.
      setupClient: (client) => {
        assertClient(client);
        client._connect = () => {
          const connection = new Connection(client, this.#connections.length, settings);
          this.#connections.push(connection);
          connection.connect();
        };
      },
    });
    // A failure to set up rejects here, a run that was stopped resolves.
    const ended = Promise.resolve(run);
    this.#every(tickMs, () => this.#tick());
    this.#expireNext();
    try {
      await Promise.race([this.#drained.promise, ended]);
      for (const connection of this.#connections) connection.close();
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      run.stop();
    }
    const report = this.#report();
    await ended;
    return report;
  }

  start(atEpochMs: number): void {
    const at = atEpochMs - performance.timeOrigin;
    const now = performance.now();
    // A timer may fire a fraction of a millisecond early, when nothing may be sent yet.
    if (now < at) this.#after(Math.ceil(at - now), () => this.start(atEpochMs));
    else if (this.#giveUpAt === Number.POSITIVE_INFINITY) {
      this.#ledger.open(at, this.#config.durationMs);
      this.#watch = watchGenerator();
      for (const connection of this.#connections) connection.send(now);
    }
  }

  stop(): void {
    const now = performance.now();
    if (this.#giveUpAt !== Number.POSITIVE_INFINITY) return;
    this.#ledger.endAt = Math.min(now, this.#ledger.endAt);
    this.#giveUpAt = now + Math.min(stopGraceMs, this.#config.timeoutMs);
    this.#checkDrained();
  }

  #tick(): void {
    const now = performance.now();
    const { startAt, endAt } = this.#ledger;
    if (now >= startAt && now < endAt) {
      this.#ledger.closeSeconds(now);
      this.#busySum += this.#connections.reduce((sum, { busy }) => sum + Number(busy), 0);
      this.#busySamples++;
    }
    if (now >= endAt) this.#closeWindow();
    if (this.#ticks++ % ticksPerProgress === 0) this.#events.onProgress(this.#ledger.progress());
    if (now >= this.#giveUpAt) this.#drained.resolve();
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (this.#ledger.inFlight === 0 && performance.now() >= this.#ledger.endAt) this.#drained.resolve();
  }

  #closeWindow(): void {
    if (this.#watch === undefined) return;
    this.#generator = this.#watch.stop();
    this.#watch = undefined;
  }

  /** Requests share one timeout, so they pass it in the order in which they were sent: one timer at a time will do. */
  #expireNext(): void {
    const now = performance.now();
    let next = now + this.#config.timeoutMs;
    for (const connection of this.#connections) {
      connection.expire(now);
      next = Math.min(next, connection.deadline);
    }
    this.#after(Math.max(1, Math.ceil(next - now)), () => this.#expireNext());
  }

  #report(): ShardReport {
    const now = performance.now();
    this.#closeWindow();
    this.#events.onProgress(this.#ledger.progress());
    const { busyMs, ...accounts } = this.#ledger.close(now);
    const { windowMs } = accounts;
    return {
      ...accounts,
      busy: {
        sampled: this.#busySamples === 0 ? 0 : this.#busySum / this.#busySamples,
        samples: this.#busySamples,
        byLatency: windowMs === 0 ? 0 : busyMs / windowMs,
      },
      generator: this.#generator,
    };
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      work();
    }, ms);
    this.#timers.push(timer);
  }
}
