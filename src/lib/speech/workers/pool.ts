import { errorFromJson } from '../../base/errors/from-json.js';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { SpeechModel } from '../../model/speech-model.js';
import type { Heard } from '../transcribe.js';
import type { TranscribeOptions } from '../types.js';
import type { FromThread, ToThread } from './messages.js';
import type { SpeechThread, StartThread } from './thread.js';

type Order = Extract<ToThread, { type: 'transcribe' }>;

interface Job {
  readonly order: Order;
  readonly onProgress: TranscribeOptions['onProgress'];
  readonly result: PromiseWithResolvers<Heard>;
  /** Given up by its caller: the thread is told, and its answer is of no use to anybody. */
  aborted: boolean;
}

interface Member {
  readonly thread: SpeechThread;
  readonly ready: PromiseWithResolvers<void>;
  readonly ended: Promise<void>;
  job: Job | undefined;
}

/** How long a thread may take to free its memory. */
const closeMs = 10_000;

/**
 * Threads that are started when there is work for them, up to a number. Work waits in the order of the calls. A thread that
 * dies fails what it was doing; the next work gets a new one.
 */
export class ThreadPool {
  readonly #files: SpeechModel['files'];
  readonly #size: number;
  readonly #start: StartThread;
  readonly #members = new Set<Member>();
  readonly #queue: Job[] = [];
  #nextId = 0;
  #closing: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(files: SpeechModel['files'], size: number, start: StartThread) {
    this.#files = files;
    this.#size = size;
    this.#start = start;
  }

  /** Starts the first thread, so that a model that cannot be loaded is seen before there is work. */
  async open(): Promise<void> {
    await this.#add().ready.promise;
  }

  async run(order: Omit<Order, 'type' | 'id'>, { signal, onProgress }: TranscribeOptions): Promise<Heard> {
    signal?.throwIfAborted();
    if (this.#closing !== undefined) {
      throw new OperationError('The speech engine is closed', { code: 'ENGINE_CLOSED', why: 'It is shutting down.' });
    }
    const job: Job = {
      order: { type: 'transcribe', id: this.#nextId++, ...order },
      onProgress,
      result: Promise.withResolvers<Heard>(),
      aborted: false,
    };
    const abort = () => this.#abort(job, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#queue.push(job);
    this.#assign();
    return job.result.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #assign(): void {
    while (this.#queue.length > 0) {
      const member = [...this.#members].find(({ job }) => job === undefined) ?? this.#another();
      if (member === undefined) return;
      const job = this.#queue.shift() as Job;
      member.job = job;
      member.thread.post(job.order);
    }
    if (this.#isIdle()) this.#whenIdle?.();
  }

  #another(): Member | undefined {
    return this.#members.size < this.#size ? this.#add() : undefined;
  }

  #add(): Member {
    const thread = this.#start(this.#files);
    const ended = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<void>();
    const member: Member = { thread, ready, ended: ended.promise, job: undefined };
    ready.promise.catch(() => undefined);
    thread.onMessage((message) => this.#heard(member, message));
    thread.onEnd((why) => {
      ended.resolve();
      this.#gone(
        member,
        new OperationError('Speech recognition broke down', {
          code: 'RECOGNITION_FAILED',
          ...(why === undefined ? {} : { why }),
        }),
      );
    });
    this.#members.add(member);
    return member;
  }

  #heard(member: Member, message: FromThread): void {
    if (message.type === 'ready') member.ready.resolve();
    else if (message.type === 'broken') this.#gone(member, errorFromJson(message.error));
    else if (member.job?.order.id !== message.id) return;
    else if (message.type === 'progress') {
      if (!member.job.aborted) member.job.onProgress?.(message.doneS, message.totalS);
    } else {
      if (message.type === 'done') member.job.result.resolve(message.heard);
      else member.job.result.reject(errorFromJson(message.error));
      member.job = undefined;
      this.#assign();
    }
  }

  #gone(member: Member, error: Error): void {
    member.ready.reject(error);
    member.job?.result.reject(error);
    member.job = undefined;
    this.#members.delete(member);
    this.#assign();
  }

  #abort(job: Job, reason: unknown): void {
    job.result.reject(reason);
    job.aborted = true;
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    const member = [...this.#members].find((each) => each.job === job);
    member?.thread.post({ type: 'abort', id: job.order.id });
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && [...this.#members].every(({ job }) => job === undefined);
  }

  async #end(): Promise<void> {
    if (!this.#isIdle()) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await Promise.all([...this.#members].map(endOf));
  }
}

async function endOf({ thread, ended }: Member): Promise<void> {
  const late = setTimeout(() => thread.kill(), closeMs);
  thread.post({ type: 'close' });
  await ended;
  clearTimeout(late);
}
