import type { Worker } from 'node:cluster';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describeError } from '../../base/errors/describe.js';
import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import { type ServingInstance, startInstance } from '../instance.js';
import { createServerLog, type ServerLog } from '../log.js';
import type { ServeOptions } from '../options.js';
import type { FromWorker, ToWorker } from './messages.js';

/** How long a scrape waits for the primary process before it fails. */
const scrapeTimeoutMs = 2_000;
/** How long to wait for the other workers to close the port; they look for a quiet moment for half a second. */
const longestPortCloseMs = 1_000;
/** Rounds of reports begin at 1. */
const unasked = 0;
const stderr = 2;

/** Serves in a worker process until the primary process says `drain`. Resolves with the exit code. */
export function runWorker(worker: Worker): Promise<number> {
  return new ClusterMember(worker).run();
}

class ClusterMember {
  readonly #worker: Worker;
  readonly #done = Promise.withResolvers<number>();
  readonly #portClosed = Promise.withResolvers<void>();
  readonly #scrapes = new Map<number, (text: string) => void>();
  #lastScrape = 0;
  #instance: Promise<ServingInstance | undefined> = Promise.resolve(undefined);
  #log: ServerLog | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  async run(): Promise<number> {
    this.#worker.on('message', (message: ToWorker) => this.#received(message));
    this.#send({ type: 'hello' });
    const exitCode = await this.#done.promise;
    this.#log?.flush();
    return exitCode;
  }

  #received(message: ToWorker): void {
    if (message.type === 'start') this.#instance = this.#start(message.options);
    else if (message.type === 'drain') void this.#drain(message.delayMs);
    else if (message.type === 'portClosed') this.#portClosed.resolve();
    else if (message.type === 'report') void this.#report(message.round);
    else this.#scrapes.get(message.id)?.(message.text);
  }

  async #start(options: ServeOptions): Promise<ServingInstance | undefined> {
    const fields = { worker: this.#worker.id };
    const log = await createServerLog({ level: options.logLevel, access: options.accessLog, target: stderr, fields });
    this.#log = log;
    try {
      await refuseOtherModel(options);
      const instance = await startInstance(options, {
        log,
        scrape: () => this.#scrape(),
        portClosed: () => this.#untilPortClosed(),
      });
      this.#send({ type: 'ready', port: instance.port });
      return instance;
    } catch (error) {
      const known = error instanceof MlopsError ? error : unexpected(error);
      this.#send({ type: 'failed', error: known.toJSON() }, () => this.#done.resolve(known.exitCode));
      return undefined;
    }
  }

  async #drain(delayMs: number): Promise<void> {
    const instance = await this.#instance;
    await instance?.stop(delayMs);
    // The last report: whoever scrapes the drain gets to see all of it.
    if (instance === undefined) this.#done.resolve(0);
    else await this.#report(unasked, () => this.#done.resolve(0));
  }

  /** The primary process holds the port until the last worker has let go of it. */
  async #untilPortClosed(): Promise<void> {
    this.#send({ type: 'closed' });
    await Promise.race([this.#portClosed.promise, setTimeout(longestPortCloseMs, undefined, { ref: false })]);
  }

  async #report(round: number, sent?: () => void): Promise<void> {
    const instance = await this.#instance;
    if (instance === undefined) return;
    this.#send({ type: 'snapshot', round, metrics: await instance.metrics.registry.getMetricsAsJSON() }, sent);
  }

  /** Only the primary process can add up all workers. */
  #scrape(): Promise<string> {
    const id = ++this.#lastScrape;
    return new Promise<string>((resolve, reject) => {
      const timer = globalThis.setTimeout(() => {
        this.#scrapes.delete(id);
        reject(new Error(`no answer from the primary process within ${scrapeTimeoutMs / 1000} s`));
      }, scrapeTimeoutMs);
      this.#scrapes.set(id, (text) => {
        clearTimeout(timer);
        this.#scrapes.delete(id);
        resolve(text);
      });
      this.#send({ type: 'scrape', id });
    });
  }

  #send(message: FromWorker, sent: () => void = () => undefined): void {
    if (this.#worker.isConnected()) this.#worker.send(message, sent);
    else sent();
  }
}

/** A worker that starts later than the others must not serve another model than they do. */
async function refuseOtherModel({ model }: ServeOptions): Promise<void> {
  const { openModel } = await import('../../model/open.js');
  const found = await openModel(model.path, { baseDir: dirname(model.path) });
  if (found.digest === model.digest) return;
  throw new OperationError(`The model ${model.path} has changed since the server started`, {
    code: 'MODEL_CHANGED',
    why: `Its SHA-256 is ${found.digest}, the server started with ${model.digest}.`,
    actions: ['Start the server again to serve the new model'],
  });
}

function unexpected(error: unknown): OperationError {
  return new OperationError('A worker could not start', {
    code: 'WORKER_FAILED',
    why: describeError(error),
    cause: error,
  });
}
