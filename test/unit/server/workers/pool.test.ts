import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerLog } from '../../../../src/lib/server/log.js';
import type { ServeOptions } from '../../../../src/lib/server/options.js';
import type { FromWorker, ToWorker } from '../../../../src/lib/server/workers/messages.js';
import { WorkerPool, type WorkerProcess } from '../../../../src/lib/server/workers/pool.js';
import { RestartPolicy } from '../../../../src/lib/server/workers/restart-policy.js';
import { fakeModel } from '../../../support/fake-predictor.js';

const options: ServeOptions = {
  model: fakeModel,
  host: '127.0.0.1',
  port: 0,
  metricsPort: undefined,
  workers: 2,
  limits: { bodyBytes: 1, queueRows: 1, timeoutMs: 1 },
  drain: { delayMs: 0, timeoutMs: 0 },
  slos: [],
  logLevel: 'info',
  accessLog: false,
};

class FakeWorker implements WorkerProcess {
  readonly id: number;
  readonly pid = 4_242;
  readonly sent: ToWorker[] = [];
  killed = false;
  #message: (message: FromWorker) => void = () => undefined;
  #exit: (how: number | string) => void = () => undefined;

  constructor(id: number) {
    this.id = id;
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.#message = listener;
  }

  onExit(listener: (how: number | string) => void): void {
    this.#exit = listener;
  }

  kill(): void {
    this.killed = true;
    this.exit('SIGKILL');
  }

  says(message: FromWorker): void {
    this.#message(message);
  }

  exit(how: number | string): void {
    this.#exit(how);
  }
}

async function pool(metrics = {}) {
  const workers: FakeWorker[] = [];
  const lines: string[] = [];
  const log = await createServerLog({
    level: 'info',
    access: false,
    target: { write: (line) => void lines.push(line) },
  });
  const fork = () => {
    const worker = new FakeWorker(workers.length + 1);
    workers.push(worker);
    return worker;
  };
  const restart = { failedStarts: 3, firstDelayMs: 1, longestDelayMs: 4, healthyMs: 60_000 };
  const made = new WorkerPool(options, { fork, log, restart, metrics });
  onTestFinished(() => {
    for (const worker of workers) worker.exit(0);
    return made.stop(0);
  });
  const worker = (id: number) => workers[id - 1] as FakeWorker;
  const serving = async () => {
    const started = made.start();
    for (const each of workers) {
      each.says({ type: 'hello' });
      each.says({ type: 'ready', port: 5_000 });
    }
    expect(await started).toBe(5_000);
  };
  return { made, workers, worker, lines, serving };
}

describe('a pool of workers', () => {
  it('is ready when every worker is', async () => {
    const { made, workers, worker } = await pool();
    let port: number | undefined;
    const started = made.start().then((value) => {
      port = value;
    });
    expect(workers).toHaveLength(2);
    expect(worker(1).sent).toEqual([]);
    worker(1).says({ type: 'hello' });
    expect(worker(1).sent).toEqual([{ type: 'start', options }]);
    worker(1).says({ type: 'ready', port: 5_000 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(port).toBeUndefined();
    worker(2).says({ type: 'ready', port: 5_000 });
    await started;
    expect(port).toBe(5_000);
  });

  it('passes on why a worker could not start', async () => {
    const { made, worker } = await pool();
    const started = expect(made.start()).rejects.toMatchObject({ code: 'PORT_IN_USE', exitCode: 1, actions: ['do'] });
    const error = {
      code: 'PORT_IN_USE',
      message: 'Port 1 is in use',
      why: null,
      actions: ['do'],
      exitCode: 1 as const,
    };
    worker(1).says({ type: 'failed', error });
    await started;
  });

  it('replaces a worker that dies', async () => {
    const { workers, worker, lines, serving } = await pool();
    await serving();
    worker(1).exit('SIGSEGV');
    await expect.poll(() => workers.length).toBe(3);
    worker(3).says({ type: 'hello' });
    expect(worker(3).sent).toEqual([{ type: 'start', options }]);
    expect(lines.filter((line) => line.includes('SIGSEGV'))).toHaveLength(1);
  });

  it('stays on the port the system picked, even when no worker is left to hold it', async () => {
    const { workers, worker, serving } = await pool();
    await serving();
    worker(1).exit(1);
    worker(2).exit(1);
    await expect.poll(() => workers.length).toBe(4);
    worker(3).says({ type: 'hello' });
    worker(3).says({ type: 'ready', port: 5_000 });
    worker(4).says({ type: 'hello' });
    const asked = [3, 4].map((id) => worker(id).sent[0]);
    expect(asked).toEqual([1, 2].map(() => ({ type: 'start', options: { ...options, port: 5_000 } })));
  });

  it('gives up with a clear error when workers keep dying before they serve', async () => {
    const { made, workers, worker } = await pool();
    const started = expect(made.start()).rejects.toMatchObject({ code: 'WORKERS_KEEP_FAILING' });
    worker(1).exit(1);
    worker(2).exit(1);
    await expect.poll(() => workers.length).toBeGreaterThan(2);
    worker(3).exit('SIGABRT');
    await started;
    await expect(made.broken).rejects.toMatchObject({ why: expect.stringContaining('signal SIGABRT') });
  });

  it('drains all at once, ends when the last has ended, and replaces none of them', async () => {
    const { made, workers, worker, serving } = await pool();
    await serving();
    let stopped = false;
    const stop = made.stop(0).then(() => {
      stopped = true;
    });
    expect(workers.map(({ sent }) => sent.at(-1))).toEqual([
      { type: 'drain', delayMs: 0 },
      { type: 'drain', delayMs: 0 },
    ]);
    worker(1).exit(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    worker(2).exit(0);
    await stop;
    expect(workers).toHaveLength(2);
  });

  it('tells the workers that the port is closed when none of them accepts any more', async () => {
    const { made, workers, worker, serving } = await pool();
    await serving();
    const stop = made.stop(0);
    const told = () => workers.filter(({ sent }) => sent.some(({ type }) => type === 'portClosed')).map(({ id }) => id);
    worker(1).says({ type: 'closed' });
    expect(told()).toEqual([]);
    worker(2).exit('SIGKILL');
    expect(told()).toEqual([1]);
    worker(1).exit(0);
    await stop;
  });

  it('answers the scrape of a worker with the sum of all', async () => {
    const { worker, serving } = await pool();
    await serving();
    worker(1).says({ type: 'scrape', id: 7 });
    for (const id of [1, 2]) {
      const asked = worker(id).sent.at(-1);
      expect(asked).toEqual({ type: 'report', round: expect.any(Number) });
      worker(id).says({ type: 'snapshot', round: (asked as { round: number }).round, metrics: [] });
    }
    await expect.poll(() => worker(1).sent.at(-1)).toEqual({ type: 'scraped', id: 7, text: expect.any(String) });
  });
});

describe('the metrics of a pool', () => {
  it('are not to be had while no worker answers, unless one asks for them itself', async () => {
    let now = 0;
    const { made, worker, serving } = await pool({ now: () => now });
    await serving();
    now = 40_000;
    await expect(made.scrape()).rejects.toThrow('no worker has answered for 40 s');
    worker(2).says({ type: 'scrape', id: 7 });
    await expect.poll(() => worker(2).sent.at(-1)).toMatchObject({ type: 'scraped', id: 7 });
  });

  const counted = (value: number) => {
    const values = [{ value, labels: {} }];
    return [{ name: 'served_total', help: 'x', type: 'counter', aggregator: 'sum', values }] as never;
  };

  it('have what a worker says last, when all of them are gone', async () => {
    const { made, worker, serving } = await pool();
    await serving();
    const stop = made.stop(0);
    for (const id of [1, 2]) {
      worker(id).says({ type: 'snapshot', round: 0, metrics: counted(id) });
      worker(id).exit(0);
    }
    await stop;
    expect(await made.scrape()).toContain('served_total 3\n');
  });
});

describe('restarts', () => {
  const limits = { failedStarts: 3, firstDelayMs: 100, longestDelayMs: 1_000, healthyMs: 60_000 };

  it('wait longer with every death in a row, and not at all after a long life', () => {
    const policy = new RestartPolicy(limits);
    expect([1, 2, 3, 4, 5].map(() => policy.died(5_000))).toEqual([100, 200, 400, 800, 1_000]);
    expect(policy.died(60_000)).toBe(0);
    expect(policy.died(10)).toBe(100);
  });

  it('end after failed starts in a row, but not after ones in between which succeed', () => {
    const policy = new RestartPolicy(limits);
    expect([policy.died(undefined), policy.died(undefined)]).toEqual([100, 200]);
    policy.started();
    expect([policy.died(undefined), policy.died(undefined)]).toEqual([400, 800]);
    expect(policy.died(undefined)).toBe('give up');
  });
});
