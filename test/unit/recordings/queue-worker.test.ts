import { expect, test } from 'vitest';
import { OperationError, PrerequisiteError } from '../../../src/lib/base/errors/mlops-error.js';
import type { QueueOutcome } from '../../../src/lib/recordings/queue/handle-message.js';
import { type QueueRequest, transcribeQueue } from '../../../src/lib/recordings/queue/transcribe-queue.js';
import { errorOf } from '../../support/errors.js';
import { type TestDeps, testDeps } from '../../support/recordings/deps.js';
import { fakeEngine } from '../../support/recordings/fake-engine.js';
import { created, FakeQueue } from '../../support/recordings/fake-queue.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { tempDir } from '../../support/temp-dir.js';

interface Bench {
  readonly queue: FakeQueue;
  readonly s3: FakeS3;
  readonly deps: TestDeps;
  readonly outcomes: QueueOutcome[];
  readonly stop: AbortController;
  run(changed?: { untilEmpty?: boolean; concurrency?: number; output?: string; sources?: string[] }): Promise<unknown>;
}

async function bench(given: Parameters<typeof testDeps>[0] = {}): Promise<Bench> {
  const queue = new FakeQueue();
  const s3 = new FakeS3();
  const outcomes: QueueOutcome[] = [];
  const stop = new AbortController();
  const never: TestDeps['sleep'] = (_ms, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  const deps = testDeps({ tempDir: await tempDir(), s3Objects: s3, queue: async () => queue, sleep: never, ...given });
  const request: QueueRequest = {
    ...{ sources: [], queue: queue.url, output: 's3://texts/', model: 'fake', concurrency: 2, signal: stop.signal },
    ...{ force: false, offline: false, untilEmpty: true },
    format: 'jsonl',
    channels: 'mix',
    onOutcome: async (outcome) => void outcomes.push(outcome),
  };
  return { queue, s3, deps, outcomes, stop, run: (changed = {}) => transcribeQueue({ ...request, ...changed }, deps) };
}

test('a message is deleted after its results are stored; once more it is found done', async () => {
  const { queue, s3, run, outcomes, deps } = await bench();
  s3.put('calls', 'in/a b.wav', 'one');
  s3.put('calls', 'in/c.wav', 'two');
  const event = created(['calls', 'in/a b.wav'], ['calls', 'in/c.wav']);
  queue.push('m1', event);
  queue.push('test', { Event: 's3:TestEvent' });
  expect(await run()).toEqual({ handled: 2, left: 0 });
  expect(JSON.parse(s3.text('texts', 'in/a b.wav.jsonl') ?? '')).toMatchObject({ text: 'one' });
  expect(queue.calls.toSorted()).toEqual(['delete m1', 'delete test', 'receive m1', 'receive test']);
  queue.push('m2', event);
  await run();
  expect(outcomes.map(({ status, source }) => `${status} ${source}`)).toEqual([
    ...['stored s3://calls/in/a b.wav', 'stored s3://calls/in/c.wav'],
    ...['done s3://calls/in/a b.wav', 'done s3://calls/in/c.wav'],
  ]);
  expect(deps.engine.begun).toHaveLength(2);
});

test('the message of a bucket that is not there stays in the queue', async () => {
  const { queue, s3, run, deps } = await bench();
  s3.missingBuckets.add('typo');
  queue.push('m1', created(['typo', 'a.wav']));
  expect(await run()).toEqual({ handled: 0, left: 1 });
  expect(queue.calls).not.toContain('delete m1');
  expect(deps.said.join('\n')).toContain('There is no bucket typo');
});

test('what fails is left to the queue and said: retried later each time, at once when it is put aside', async () => {
  const { queue, s3, run, deps } = await bench();
  s3.put('calls', 'bad.wav', 'BAD');
  queue.push('first', created(['calls', 'bad.wav']));
  queue.push('second', created(['calls', 'bad.wav']), 2);
  queue.push('last', created(['calls', 'bad.wav']), 3);
  queue.push('poison', 'no event');
  expect(await run({ concurrency: 1 })).toEqual({ handled: 0, left: 4 });
  expect(queue.calls.filter((call) => !call.startsWith('receive'))).toEqual([
    ...['visibility first 30', 'visibility second 60', 'visibility last 0', 'visibility poison 30'],
  ]);
  expect(s3.text('texts', 'errors.jsonl')?.trim().split('\n')).toHaveLength(3);
  const said = deps.said.filter((text) => text.startsWith('Warning'));
  expect(said[0]).toContain('attempt 1 of 3: s3://calls/bad.wav is damaged: It says so.');
  expect(said[2]).toContain('the queue puts it aside');
});

test('an object that is gone is nothing to retry', async () => {
  const { queue, run } = await bench();
  queue.push('m1', created(['calls', 'gone.wav']));
  expect(await run()).toEqual({ handled: 1, left: 0 });
});

test('while work goes on the message is kept away, until it ends; a receipt that is stale is said', async () => {
  let beats = 0;
  const { queue, s3, run, deps } = await bench({
    // Three beats, then nothing more happens until the work has ended.
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        expect(ms).toBe(40_000);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        beats += 1;
        if (beats <= 3) resolve();
      }),
    engine: fakeEngine(async () => {
      while (beats < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    }),
  });
  s3.put('calls', 'a.wav', 'one');
  queue.push('m1', created(['calls', 'a.wav']));
  await run();
  expect(queue.calls).toEqual(['receive m1', ...Array(3).fill('visibility m1 120'), 'delete m1']);
  expect(deps.said.join()).not.toContain('cannot be kept');

  const stale = await bench({
    sleep: async () => {},
    engine: fakeEngine(() => new Promise((done) => setTimeout(done, 5))),
  });
  stale.queue.isStale = true;
  stale.s3.put('calls', 'a.wav', 'one');
  stale.queue.push('m1', created(['calls', 'a.wav']));
  await stale.run();
  expect(stale.deps.said.join()).toContain('cannot be kept any longer');
  expect(stale.queue.calls.at(-1)).toBe('delete m1');
});

test('asked to stop, it finishes what is under work, takes nothing more and gives back what it had just received', async () => {
  const { queue, s3, run, stop, outcomes } = await bench({
    engine: fakeEngine(async () => {
      stop.abort('SIGTERM');
      queue.push('later', created(['calls', 'a.wav']));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }),
  });
  s3.put('calls', 'a.wav', 'one');
  queue.push('m1', created(['calls', 'a.wav']));
  expect(await run({ untilEmpty: false })).toEqual({ handled: 1, left: 0 });
  expect(outcomes).toHaveLength(1);
  expect(queue.calls.filter((call) => call.includes('later'))).not.toContain('delete later');

  const late = await bench();
  const { receive } = late.queue;
  late.queue.receive = async (options) => {
    late.stop.abort('SIGTERM');
    return await receive.call(late.queue, options);
  };
  late.queue.push('m2', created(['calls', 'a.wav']));
  await late.run({ untilEmpty: false });
  expect(late.queue.calls).toEqual(['receive m2', 'visibility m2 0']);
});

test('what no message could be worked on with stops the worker and gives the message back', async () => {
  const refused = new PrerequisiteError('No runtime', { code: 'RUNTIME_MISSING' });
  const { queue, s3, run } = await bench({ openEngine: () => Promise.reject(refused) });
  s3.put('calls', 'a.wav', 'one');
  queue.push('m1', created(['calls', 'a.wav']));
  expect(await errorOf(() => run({ untilEmpty: false }))).toBe(refused);
  expect(queue.calls).toEqual(['receive m1', 'visibility m1 0']);

  const among = await bench();
  among.queue.push('m1', created(['texts', 'a.wav']));
  expect(await errorOf(() => among.run({ untilEmpty: false }))).toMatchObject({ code: 'OUTPUT_IN_SOURCE' });
});

test('an outage of the queue is waited out, a refusal is not', async () => {
  const failed = (code: string) => new OperationError('no', { code });
  const { queue, run, deps } = await bench({ sleep: async () => {} });
  queue.outages.push(failed('AWS_CALL_FAILED'), failed('AWS_CALL_FAILED'));
  expect(await run()).toEqual({ handled: 0, left: 0 });
  expect(deps.said.filter((text) => text.includes('does not answer'))).toHaveLength(2);
  queue.outages.push(failed('ACCESS_DENIED'));
  expect(await errorOf(() => run())).toMatchObject({ code: 'ACCESS_DENIED' });
});

test('a worker needs somewhere to put results, and watches S3 only', async () => {
  const { deps, run } = await bench();
  const request = { sources: [], queue: 'q', output: undefined, untilEmpty: true } as never;
  expect(await errorOf(() => transcribeQueue(request, deps))).toMatchObject({ code: 'OUTPUT_REQUIRED' });
  expect(await errorOf(() => run({ sources: ['calls/'] }))).toMatchObject({ code: 'SOURCE_NOT_WATCHED', exitCode: 2 });
});
