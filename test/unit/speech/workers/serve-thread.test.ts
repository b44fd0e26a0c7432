import { MessageChannel } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OperationError, UsageError } from '../../../../src/lib/base/errors/mlops-error.js';
import type { AudioStream } from '../../../../src/lib/speech/types.js';
import type { FromThread, ToThread } from '../../../../src/lib/speech/workers/messages.js';
import { createNativeGuard, inNativeCode, leaveNativeCode } from '../../../../src/lib/speech/workers/native-guard.js';
import { serveThread, type ThreadDeps } from '../../../../src/lib/speech/workers/serve-thread.js';

const speech = new Float32Array(16_000).fill(0.5);

function streamOf(blocks: AsyncIterable<readonly Float32Array[]>): AudioStream {
  return { format: 'wav', sampleRateHz: 16_000, channels: 1, claimedS: 2, blocks };
}

async function* twoSeconds() {
  yield [speech];
  yield [speech];
}

/** A thread on a real port, with a model and a decoder in the hands of the test. */
function threadWith(deps: Partial<ThreadDeps> = {}) {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const answers: FromThread[] = [];
  const waiting: (() => void)[] = [];
  port1.on('message', (message: FromThread) => {
    answers.push(message);
    for (const look of waiting) look();
  });
  let closed = false;
  const ended = new Promise<void>((resolve) => port1.once('close', resolve));
  const all: ThreadDeps = {
    loadModel: async () => ({
      recogniser: { recognise: async () => ({ text: 'hello', logProbability: 0 }), close: async () => undefined },
      detector: () => ({ probability: async () => 0.9 }),
      close: async () => {
        closed = true;
      },
    }),
    openAudio: async () => streamOf(twoSeconds()),
    ...deps,
  };
  void serveThread(port2, { files: { encoder: '', decoder: '', vad: '' }, guard: createNativeGuard() }, all);
  const until = (type: FromThread['type']) =>
    new Promise<FromThread>((resolve) => {
      const look = () => {
        const found = answers.find((answer) => answer.type === type);
        if (found !== undefined) resolve(found);
      };
      waiting.push(look);
      look();
    });
  return { tell: (message: ToThread) => port1.postMessage(message), until, answers, ended, isClosed: () => closed };
}

const order = { type: 'transcribe', id: 4, path: '/a.wav', channels: 'mix' } as const;

describe('the inside of a thread', () => {
  test('loads, transcribes with progress, and ends when it is told to', async () => {
    const thread = threadWith();
    await thread.until('ready');
    thread.tell(order);
    expect(await thread.until('done')).toMatchObject({ id: 4, heard: { text: 'hello', durationS: 2 } });
    expect(thread.answers.filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', id: 4, doneS: 1, totalS: 2 },
      { type: 'progress', id: 4, doneS: 2, totalS: 2 },
    ]);
    thread.tell({ type: 'close' });
    await thread.ended;
    expect(thread.isClosed()).toBe(true);
  });

  test('an abort ends the work that it names, and no other', async () => {
    async function* endless() {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield [new Float32Array(100)];
      }
    }
    const thread = threadWith({ openAudio: async () => streamOf(endless()) });
    thread.tell(order);
    thread.tell({ type: 'abort', id: 3 });
    await thread.until('progress');
    expect(thread.answers.some(({ type }) => type === 'failed')).toBe(false);
    thread.tell({ type: 'abort', id: 4 });
    expect(await thread.until('failed')).toMatchObject({ id: 4 });
  });

  test.each([
    [new UsageError('Not audio', { code: 'AUDIO_UNKNOWN' }), { code: 'AUDIO_UNKNOWN', exitCode: 2 }],
    [new Error('native trouble'), { code: 'RECOGNITION_FAILED', exitCode: 1, why: 'native trouble' }],
  ])('an error is told in words: %s', async (error, expected) => {
    const thread = threadWith({ openAudio: async () => Promise.reject(error) });
    thread.tell(order);
    expect(await thread.until('failed')).toMatchObject({ error: expected });
    thread.tell({ type: 'close' });
    await thread.ended;
  });

  test('a model that cannot be loaded ends it', async () => {
    const error = new OperationError('no', { code: 'MODEL_LOAD_FAILED' });
    const thread = threadWith({ loadModel: () => Promise.reject(error) });
    expect(await thread.until('broken')).toMatchObject({ error: { code: 'MODEL_LOAD_FAILED' } });
    await thread.ended;
  });
});

describe('native code and the end of the process', () => {
  test('the result comes through, an error too', async () => {
    const guard = createNativeGuard();
    expect(await inNativeCode(guard, async () => 5)).toBe(5);
    await expect(inNativeCode(guard, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    leaveNativeCode(guard);
  });

  test('nothing begins after the end has begun', async () => {
    const guard = createNativeGuard();
    leaveNativeCode(guard);
    let began = false;
    const never = inNativeCode(guard, async () => {
      began = true;
    });
    const first = await Promise.race([never, new Promise((resolve) => setImmediate(() => resolve('still waiting')))]);
    expect(first).toBe('still waiting');
    expect(began).toBe(false);
  });
});
