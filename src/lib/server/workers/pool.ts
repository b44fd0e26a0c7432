import { errorFromJson } from '../../base/errors/from-json.js';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { ServerLog } from '../log.js';
import { longestTimerMs, type ServeOptions } from '../options.js';
import { FleetMetrics, type FleetSettings } from './fleet-metrics.js';
import type { FromWorker, ToWorker } from './messages.js';
import { type RestartLimits, RestartPolicy, restartLimits } from './restart-policy.js';

/** One worker process, as far as the pool is concerned. */
export interface WorkerProcess {
  readonly id: number;
  readonly pid: number | undefined;
  /** Does nothing when the process is gone. */
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** `how` is an exit code or the name of a signal. Called once, after the last message. */
  onExit(listener: (how: number | string) => void): void;
  kill(): void;
}

export interface PoolContext {
  readonly fork: () => WorkerProcess;
  readonly log: ServerLog;
  readonly restart?: RestartLimits;
  /** How often workers report, which is the most that the metrics of one that crashes can lose. */
  readonly reportEveryMs?: number;
  readonly metrics?: FleetSettings;
}

interface Member {
  readonly process: WorkerProcess;
  readyAt: number | undefined;
  /** Holds the port, or may come to. */
  accepts: boolean;
}

/** After the drain a worker has this long to end before it is killed. */
const killAfterMs = 2_000;
const defaultReportEveryMs = 1_000;

/** Several processes that serve one model on one port. A worker that dies is replaced. */
export class WorkerPool {
  readonly #options: ServeOptions;
  readonly #context: PoolContext;
  readonly #members = new Map<number, Member>();
  readonly #metrics: FleetMetrics;
  readonly #policy: RestartPolicy;
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #started = Promise.withResolvers<number>();
  readonly #broken = Promise.withResolvers<never>();
  readonly #empty = Promise.withResolvers<void>();
  #reports: NodeJS.Timeout | undefined;
  /** What the workers that serve have asked for, and what they got. */
  #askedPort: number;
  #port: number;
  #stopping = false;

  constructor(options: ServeOptions, context: PoolContext) {
    this.#options = options;
    this.#context = context;
    this.#metrics = new FleetMetrics(context.metrics);
    this.#askedPort = options.port;
    this.#port = options.port;
    this.#policy = new RestartPolicy(context.restart ?? restartLimits);
    // Both may fail while nobody waits for them.
    this.#broken.promise.catch(() => undefined);
    this.#started.promise.catch(() => undefined);
  }

  /** Rejects when the pool has given up on its workers; never resolves. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Starts all workers and resolves with the port when every one of them serves. Throws what the first one threw. */
  async start(): Promise<number> {
    for (let count = 0; count < this.#options.workers; count++) this.#fork();
    this.#reports = setInterval(() => void this.#refresh(), this.#context.reportEveryMs ?? defaultReportEveryMs);
    return this.#started.promise;
  }

  /** Drains all workers at the same time, and kills those that do not end. */
  async stop(delayMs: number): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const { process } of this.#members.values()) process.send({ type: 'drain', delayMs });
    const patienceMs = Math.min(delayMs + this.#options.drain.timeoutMs + killAfterMs, longestTimerMs);
    const killer = setTimeout(() => this.#killAll(), patienceMs);
    if (this.#members.size > 0) await this.#empty.promise;
    clearTimeout(killer);
    clearInterval(this.#reports);
  }

  /** The metrics of all workers, those that have ended included, as Prometheus text. Rejects when none answers. */
  async scrape(): Promise<string> {
    await this.#refresh();
    return this.#metrics.text();
  }

  #fork(): void {
    const process = this.#context.fork();
    const member: Member = { process, readyAt: undefined, accepts: true };
    this.#members.set(process.id, member);
    process.onMessage((message) => this.#received(member, message));
    process.onExit((how) => this.#exited(member, how));
  }

  #received(member: Member, message: FromWorker): void {
    const { id, pid } = member.process;
    if (message.type === 'hello') {
      member.process.send({ type: 'start', options: { ...this.#options, port: this.#portToAskFor() } });
      if (this.#stopping) member.process.send({ type: 'drain', delayMs: 0 });
    } else if (message.type === 'ready') {
      member.readyAt = performance.now();
      this.#port = message.port;
      this.#policy.started();
      this.#context.log.info({ worker: id, workerPid: pid }, 'worker ready');
      const all = [...this.#members.values()].filter(({ readyAt }) => readyAt !== undefined);
      if (all.length === this.#options.workers) this.#started.resolve(message.port);
    } else if (message.type === 'failed') {
      // What a worker can put into words (no such model, port in use) another one would say again.
      this.#started.reject(errorFromJson(message.error));
      this.#context.log.fault('worker_start', { worker: id, why: message.error.message }, 'worker could not start');
    } else if (message.type === 'snapshot') {
      this.#metrics.reported(id, message.round, message.metrics);
    } else if (message.type === 'closed') {
      member.accepts = false;
      this.#tellPortClosed();
    } else {
      // Who asks is there, so this scrape has something to tell.
      this.#metrics.heard();
      void this.#scrapeFor(member.process, message.id);
    }
  }

  /**
   * Workers share a port when they ask for the same one, and 0 is the same one as long as any of them holds it. When
   * none is left, the next one has to ask for the port by its number, or the server would move.
   */
  #portToAskFor(): number {
    const held = [...this.#members.values()].some(({ readyAt }) => readyAt !== undefined);
    if (!held) this.#askedPort = this.#port;
    return this.#askedPort;
  }

  #exited(member: Member, how: number | string): void {
    const { id, pid } = member.process;
    this.#members.delete(id);
    this.#metrics.retire(id);
    if (this.#stopping) {
      this.#tellPortClosed();
      if (this.#members.size === 0) this.#empty.resolve();
      return;
    }
    const servedMs = member.readyAt === undefined ? undefined : performance.now() - member.readyAt;
    const next = this.#policy.died(servedMs);
    this.#context.log.fault('worker_exit', { worker: id, workerPid: pid, how }, 'worker ended unexpectedly');
    if (next === 'give up') this.#giveUp(how);
    else {
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        this.#fork();
      }, next);
      this.#restarts.add(timer);
    }
  }

  #giveUp(how: number | string): void {
    const limits = this.#context.restart ?? restartLimits;
    const error = new OperationError('The workers keep ending before they serve', {
      code: 'WORKERS_KEEP_FAILING',
      why: `${limits.failedStarts} starts in a row failed, the last one with ${describeExit(how)}.`,
      actions: ['mlops serve --workers 1 shows the error of the process itself', 'Look at the log lines above'],
    });
    this.#started.reject(error);
    this.#broken.reject(error);
  }

  /** When the last worker has closed it: their connections are not answered before, or clients would connect again. */
  #tellPortClosed(): void {
    const members = [...this.#members.values()];
    if (members.some(({ accepts }) => accepts)) return;
    for (const { process } of members) process.send({ type: 'portClosed' });
  }

  async #scrapeFor(process: WorkerProcess, id: number): Promise<void> {
    process.send({ type: 'scraped', id, text: await this.scrape() });
  }

  #refresh(): Promise<void> {
    const serving = [...this.#members].filter(([, { readyAt }]) => readyAt !== undefined).map(([id]) => id);
    return this.#metrics.refresh(serving, (worker, round) => {
      this.#members.get(worker)?.process.send({ type: 'report', round });
    });
  }

  #killAll(): void {
    for (const { process } of this.#members.values()) process.kill();
  }
}

function describeExit(how: number | string): string {
  return typeof how === 'number' ? `exit code ${how}` : `signal ${how}`;
}
