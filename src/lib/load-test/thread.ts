import { type MessagePort, Worker } from 'node:worker_threads';
import type { OpenShard, Shard, ShardConfig, ShardEvents, ShardProgress, ShardReport, ShardSecond } from './shard.js';

type ToThread = { readonly type: 'start'; readonly atEpochMs: number } | { readonly type: 'stop' };
type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: ShardProgress }
  | { readonly type: 'second'; readonly second: ShardSecond }
  | { readonly type: 'done'; readonly report: ShardReport }
  | { readonly type: 'failed'; readonly message: string };

/** A shard in a thread of its own. A thread that dies rejects `ready` and `done`. */
export const openThread: OpenShard = (config: ShardConfig, events: ShardEvents): Shard => {
  const worker = new Worker(new URL('./thread.entry.js', import.meta.url), { workerData: config });
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<ShardReport>();
  const fail = (error: unknown) => {
    ready.reject(error);
    done.reject(error);
  };
  worker.on('message', (message: FromThread) => {
    if (message.type === 'ready') ready.resolve();
    else if (message.type === 'progress') events.onProgress(message.progress);
    else if (message.type === 'second') events.onSecond(message.second);
    else if (message.type === 'failed') fail(new Error(message.message));
    else done.resolve(message.report);
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the thread ended early, with code ${code}`)));
  ready.promise.catch(() => undefined);
  const post = (message: ToThread) => worker.postMessage(message);
  return {
    ready: ready.promise,
    start: (atEpochMs) => post({ type: 'start', atEpochMs }),
    stop: () => post({ type: 'stop' }),
    done: done.promise.finally(() => worker.terminate()),
  };
};

/** The other end of `openThread`: runs one shard and answers over the port. */
export async function serveThread(port: MessagePort, config: ShardConfig, openShard: OpenShard): Promise<void> {
  const send = (message: FromThread) => port.postMessage(message);
  const shard = openShard(config, {
    onProgress: (progress) => send({ type: 'progress', progress }),
    onSecond: (second) => send({ type: 'second', second }),
  });
  port.on('message', (message: ToThread) => {
    if (message.type === 'start') shard.start(message.atEpochMs);
    else shard.stop();
  });
  try {
    await shard.ready;
    send({ type: 'ready' });
    send({ type: 'done', report: await shard.done });
  } catch (error) {
    send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
