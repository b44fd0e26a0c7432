import { describe, expect, test } from 'vitest';
import { OperationError, UsageError } from '../../../../src/lib/base/errors/mlops-error.js';
import { createSpeechEngine } from '../../../../src/lib/speech/engine.js';
import type { Heard } from '../../../../src/lib/speech/transcribe.js';
import type { FromThread, ToThread } from '../../../../src/lib/speech/workers/messages.js';
import type { SpeechThread } from '../../../../src/lib/speech/workers/thread.js';
import { errorOf } from '../../../support/errors.js';

const model = {
  name: 'm',
  version: '1',
  digest: 'd',
  language: 'en',
  license: 'MIT',
  files: { encoder: 'e', decoder: 'd', vad: 'v' },
};
const heard: Heard = { text: 'hello', segments: [], durationS: 1, sampleRateHz: 8000, channels: 1, warnings: [] };
const failure = new UsageError('Not audio', { code: 'AUDIO_UNKNOWN', why: 'It is text.', actions: ['look'] }).toJSON();

type Order = Extract<ToThread, { type: 'transcribe' }>;

/** A thread in the hands of the test. */
class FakeThread implements SpeechThread {
  readonly told: ToThread[] = [];
  #listener: (message: FromThread) => void = () => undefined;
  #ended: (why: string | undefined) => void = () => undefined;

  post(message: ToThread): void {
    this.told.push(message);
    if (message.type === 'close') this.end(undefined);
  }
  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
  }
  onEnd(listener: (why: string | undefined) => void): void {
    this.#ended = listener;
  }
  kill(): void {
    this.end('killed');
  }
  say(message: FromThread): void {
    this.#listener(message);
  }
  end(why: string | undefined): void {
    this.#ended(why);
  }
  get orders(): Order[] {
    return this.told.filter((message) => message.type === 'transcribe');
  }
  get paths(): string[] {
    return this.orders.map(({ path }) => path);
  }
  finish(text = 'hello'): void {
    this.say({ type: 'done', id: this.orders.at(-1)?.id ?? -1, heard: { ...heard, text } });
  }
}

async function engineOf(threads: number) {
  const started: FakeThread[] = [];
  const startThread = () => {
    const thread = new FakeThread();
    started.push(thread);
    queueMicrotask(() => thread.say({ type: 'ready' }));
    return thread;
  };
  const engine = await createSpeechEngine(model, { threads, startThread });
  return { engine, started };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a speech engine', () => {
  test('one thread at first; more when there is work for them, and work waits in the order of its calls', async () => {
    const { engine, started } = await engineOf(2);
    expect(started).toHaveLength(1);
    const texts = Promise.all(['a', 'b', 'c', 'd'].map((path) => engine.transcribe(path)));
    await settled();
    expect(started.map(({ paths }) => paths)).toEqual([['a'], ['b']]);
    started[1]?.finish('of b');
    await settled();
    expect(started.map(({ paths }) => paths)).toEqual([['a'], ['b', 'c']]);
    started[0]?.finish('of a');
    started[1]?.finish('of c');
    started[0]?.finish('of d');
    expect((await texts).map(({ text }) => text)).toEqual(['of a', 'of b', 'of c', 'of d']);
    await engine.close();
    expect(started.map(({ told }) => told.at(-1))).toEqual([{ type: 'close' }, { type: 'close' }]);
  });

  test('what it says of a recording is complete, and options arrive', async () => {
    const { engine, started } = await engineOf(1);
    const progress: unknown[] = [];
    const onProgress = (...each: unknown[]) => progress.push(each);
    const running = engine.transcribe('a', { channels: 'split', maxDurationS: 9, onProgress });
    const order = started[0]?.orders[0];
    expect(order).toMatchObject({ channels: 'split', maxDurationS: 9 });
    started[0]?.say({ type: 'progress', id: order?.id ?? 0, doneS: 1, totalS: 4 });
    started[0]?.finish();
    expect(await running).toEqual({ ...heard, language: 'en', model: 'm', modelDigest: 'd' });
    expect(progress).toEqual([[1, 4]]);
    expect(engine).toMatchObject({ threads: 1, model: { name: 'm', digest: 'd', language: 'en' } });
    await engine.close();
  });

  test('an error keeps its words, and the thread goes on', async () => {
    const { engine, started } = await engineOf(1);
    const running = engine.transcribe('a');
    started[0]?.say({ type: 'failed', id: started[0].orders[0]?.id ?? 0, error: failure });
    const error = await errorOf(() => running);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.toJSON()).toEqual(failure);
    const next = engine.transcribe('b');
    started[0]?.finish('of b');
    expect((await next).text).toBe('of b');
    expect(started).toHaveLength(1);
    await engine.close();
  });

  test('work that is aborted while it waits never begins; under work its thread is told and is busy until it answers', async () => {
    const { engine, started } = await engineOf(1);
    const [first, second] = [new AbortController(), new AbortController()];
    const underWork = engine.transcribe('a', { signal: first.signal });
    const waiting = engine.transcribe('b', { signal: second.signal });
    const after = engine.transcribe('c');
    second.abort(new Error('not any more'));
    await expect(waiting).rejects.toThrow('not any more');
    first.abort(new Error('enough'));
    await expect(underWork).rejects.toThrow('enough');
    const id = started[0]?.orders[0]?.id ?? 0;
    expect(started[0]?.told.at(-1)).toEqual({ type: 'abort', id });
    expect(started[0]?.paths).toEqual(['a']);
    started[0]?.say({ type: 'failed', id, error: failure });
    expect(started[0]?.paths).toEqual(['a', 'c']);
    started[0]?.finish('of c');
    expect((await after).text).toBe('of c');
    await expect(engine.transcribe('d', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    await engine.close();
  });

  test('a thread that dies fails its work, and the next work has a new one', async () => {
    const { engine, started } = await engineOf(1);
    const lost = engine.transcribe('a');
    const next = engine.transcribe('b');
    started[0]?.end('Its thread ended with code 9.');
    expect(await errorOf(() => lost)).toMatchObject({
      code: 'RECOGNITION_FAILED',
      exitCode: 1,
      why: 'Its thread ended with code 9.',
    });
    expect(started).toHaveLength(2);
    expect(started[1]?.paths).toEqual(['b']);
    started[1]?.finish('of b');
    expect((await next).text).toBe('of b');
    await engine.close();
  });

  test('closing waits for the work, also for what has not begun, and takes no more', async () => {
    const { engine, started } = await engineOf(1);
    const works = [engine.transcribe('a'), engine.transcribe('b')];
    let closed = false;
    const closing = Promise.all([engine.close(), engine.close()]).then(() => {
      closed = true;
    });
    await settled();
    expect(closed).toBe(false);
    expect(await errorOf(() => engine.transcribe('c'))).toMatchObject({ code: 'ENGINE_CLOSED' });
    started[0]?.finish();
    started[0]?.finish();
    await Promise.all(works);
    await closing;
    expect(started[0]?.told.at(-1)).toEqual({ type: 'close' });
  });

  test('a model that cannot be loaded is said at once', async () => {
    const broken = new OperationError('cannot load', { code: 'MODEL_LOAD_FAILED', why: 'bad' }).toJSON();
    const startThread = () => {
      const thread = new FakeThread();
      queueMicrotask(() => thread.say({ type: 'broken', error: broken }));
      return thread;
    };
    const error = await errorOf(() => createSpeechEngine(model, { threads: 1, startThread }));
    expect(error.toJSON()).toEqual(broken);
  });
});
