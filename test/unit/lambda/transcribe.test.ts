import { expect, onTestFinished, test, vi } from 'vitest';
import { OperationError, PrerequisiteError } from '../../../src/lib/base/errors/mlops-error.js';
import { errorOf } from '../../support/errors.js';
import { queued, transcribeBench } from '../../support/lambda/bench.js';
import { fakeEngine } from '../../support/recordings/fake-engine.js';
import { created } from '../../support/recordings/fake-queue.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';

/** FakeS3 says that everything was uploaded on this day. */
const day = '2026-01-02';
const keysBelow = (s3: FakeS3, prefix: string) =>
  [...s3.objects.keys()].filter((key) => key.startsWith(`data/${prefix}`)).map((key) => key.slice('data/'.length));

test('an event of S3: the result lies under the day and the id, metrics say how much', async () => {
  const { s3, run, metrics, lines } = await transcribeBench();
  s3.put('data', 'recordings/a b.wav', 'hello');
  const response = await run(created(['data', 'recordings/a b.wav']));
  const [key = ''] = keysBelow(s3, 'processed/');
  expect(key).toMatch(new RegExp(`^processed/${day}/[0-9a-f]{32}\\.jsonl$`));
  const source = 's3://data/recordings/a b.wav';
  expect(response).toEqual({ recordings: [{ source, status: 'stored', result: `s3://data/${key}` }] });
  const record = JSON.parse(s3.text('data', key) ?? '') as { id: string };
  expect(record).toMatchObject({ text: 'hello', source, id: key.slice(-38, -6) });
  expect(metrics()).toMatchObject({ Project: 'calls', RecordingsDone: 1, RecordingsFailed: 0, AudioSeconds: 2 });
  expect(JSON.parse(lines[0] ?? '')._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'mlops',
      Dimensions: [['Project']],
      Metrics: [
        { Name: 'RecordingsDone', Unit: 'Count' },
        { Name: 'RecordingsFailed', Unit: 'Count' },
        { Name: 'AudioSeconds', Unit: 'Seconds' },
        { Name: 'ProcessingSeconds', Unit: 'Seconds' },
      ],
    },
  ]);
});

test('a doubled event, also at the same time, does nothing twice', async () => {
  const { s3, run, deps, metrics } = await transcribeBench();
  s3.put('data', 'recordings/a.wav', 'one');
  const event = queued({ id: 'm1', body: created(['data', 'recordings/a.wav']) });
  const together = await Promise.all([run(event), run(event)]);
  expect(together).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  const before = [...s3.objects];
  expect(await run(event)).toEqual({ batchItemFailures: [] });
  expect(metrics()).toMatchObject({ RecordingsDone: 0, AudioSeconds: 0 });
  expect([...s3.objects]).toEqual(before);
  expect(keysBelow(s3, 'processed/')).toHaveLength(1);
  expect(deps.engine.begun).toHaveLength(2);
});

test('events out of order: each version of a recording has a result of its own', async () => {
  const { s3, run } = await transcribeBench();
  s3.put('data', 'recordings/a.wav', 'first');
  await run(created(['data', 'recordings/a.wav']));
  s3.put('data', 'recordings/a.wav', 'second');
  // The event of the second upload, then once more that of the first: what is there now counts.
  await run(created(['data', 'recordings/a.wav']));
  await run(created(['data', 'recordings/a.wav']));
  const texts = keysBelow(s3, 'processed/').map((key) => JSON.parse(s3.text('data', key) ?? '').text);
  expect(texts.sort()).toEqual(['first', 'second']);
});

test('what the functions write, folders and other prefixes start nothing', async () => {
  const { s3, run, deps } = await transcribeBench({}, { RECORDINGS_PREFIX: '' });
  const keys = ['processed/a.wav', 'failed/a.wav', 'loads/a.wav', 'loaded/a.wav', 'folder/'];
  for (const key of keys) s3.put('data', key, 'x');
  const response = await run(created(...keys.map((key) => ['data', key] as [string, string])));
  expect(response).toMatchObject({ recordings: keys.map(() => ({ status: 'ignored' })) });
  expect(deps.engine.begun).toEqual([]);
  const below = await transcribeBench();
  below.s3.put('data', 'elsewhere/a.wav', 'x');
  expect(await below.run(created(['data', 'elsewhere/a.wav']))).toMatchObject({ recordings: [{ status: 'ignored' }] });
  // A bucket of other people may have prefixes that are called like ours.
  s3.put('theirs', 'processed/a.wav', 'heard');
  expect(await run(created(['theirs', 'processed/a.wav']))).toMatchObject({ recordings: [{ status: 'stored' }] });
});

test('a recording that is none is given up with its reason, once; the others go on', async () => {
  const { s3, run, metrics } = await transcribeBench();
  s3.put('data', 'recordings/bad.wav', 'BAD');
  s3.put('data', 'recordings/good.wav', 'good');
  const event = queued(
    { id: 'm1', body: created(['data', 'recordings/bad.wav']) },
    { id: 'm2', body: created(['data', 'recordings/good.wav']) },
  );
  expect(await run(event)).toEqual({ batchItemFailures: [] });
  expect(metrics()).toMatchObject({ RecordingsDone: 1, RecordingsFailed: 1 });
  const [reason = '', ...more] = keysBelow(s3, 'failed/');
  expect(more).toEqual([]);
  expect(reason).toMatch(new RegExp(`^failed/${day}/[0-9a-f]{32}\\.json$`));
  expect(JSON.parse(s3.text('data', reason) ?? '')).toMatchObject({
    id: reason.slice(-37, -5),
    source: 's3://data/recordings/bad.wav',
    code: 'AUDIO_DAMAGED',
    message: 's3://data/recordings/bad.wav is damaged',
    why: 'It says so.',
    request_id: 'r1',
    bytes: 3,
  });
  // It stays where it is.
  expect(s3.text('data', 'recordings/bad.wav')).toBe('BAD');
  await run(event);
  expect(metrics()).toMatchObject({ RecordingsDone: 0, RecordingsFailed: 0 });
});

test('what may pass is left to the queue, later each time; the rest of the batch is done', async () => {
  const engine = fakeEngine(async (text) => {
    if (text === 'fragile') throw new OperationError('broke down', { code: 'RECOGNITION_FAILED' });
  });
  const { s3, run, queue, urls, metrics } = await transcribeBench({ engine });
  s3.put('data', 'recordings/fragile.wav', 'fragile');
  s3.put('data', 'recordings/good.wav', 'good');
  const batch = queued(
    { id: 'm1', body: created(['data', 'recordings/fragile.wav']), receiveCount: 3 },
    { id: 'm2', body: created(['data', 'recordings/good.wav']) },
    { id: 'm3', body: 'no event' },
  );
  expect(await run(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm3' }] });
  expect(queue.calls).toEqual(['visibility m1 120', 'visibility m3 30']);
  expect(urls[0]).toBe('https://sqs.eu-west-1.amazonaws.com/123456789012/calls-recordings');
  expect(metrics()).toMatchObject({ RecordingsDone: 1, RecordingsFailed: 0 });
  expect(keysBelow(s3, 'failed/')).toEqual([]);
  const failure = await errorOf(() => run(created(['data', 'recordings/fragile.wav'])));
  expect(failure).toMatchObject({ code: 'RECORDINGS_FAILED', why: expect.stringContaining('broke down') });
});

test('a queue that cannot be reached does not cost the answer', async () => {
  const { run } = await transcribeBench({ queue: () => new Promise(() => {}) });
  const event = queued({ id: 'm1', body: 'no event' });
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const answer = run(event);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
});

test('credentials that are refused stop the run: nothing more is tried, everything goes back', async () => {
  class Refusing extends FakeS3 {
    heads = 0;
    override async headObject(): Promise<undefined> {
      this.heads += 1;
      throw new PrerequisiteError('AWS refuses the credentials', { code: 'CREDENTIALS_REFUSED' });
    }
  }
  const s3Objects = new Refusing();
  const { run } = await transcribeBench({ s3Objects });
  const ids = ['m1', 'm2', 'm3'];
  const event = queued(...ids.map((id) => ({ id, body: created(['data', `recordings/${id}.wav`]) })));
  expect(await run(event)).toEqual({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
  expect(s3Objects.heads).toBe(1);
});

test('a recording that is gone is nothing to retry, also where S3 says 403 of it', async () => {
  class Discreet extends FakeS3 {
    override async headObject(bucket: string, key: string) {
      const head = await super.headObject(bucket, key);
      if (head === undefined) throw new OperationError('no', { code: 'ACCESS_DENIED' });
      return head;
    }
  }
  const { s3, run } = await transcribeBench({ s3Objects: new Discreet() });
  const gone = queued({ id: 'm1', body: created(['data', 'recordings/gone.wav']) });
  expect(await run(gone)).toEqual({ batchItemFailures: [] });
  // Nor is a result that is not there yet a reason to fail.
  s3.put('data', 'recordings/a.wav', 'one');
  expect(await run(created(['data', 'recordings/a.wav']))).toMatchObject({ recordings: [{ status: 'stored' }] });
});

test('a run that has no time for another recording gives it back at once', async () => {
  const { s3, run, queue, deps } = await transcribeBench();
  for (const name of ['a', 'b']) s3.put('data', `recordings/${name}.wav`, name);
  const event = queued(
    { id: 'm1', body: created(['data', 'recordings/a.wav']) },
    { id: 'm2', body: created(['data', 'recordings/b.wav']) },
  );
  expect(await run(event, { deadlineMs: Date.now() + 20_000 })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm2' }],
  });
  expect(queue.calls).toEqual(['visibility m2 0']);
  expect(deps.said.join('\n')).toContain('waits for another run');
});

test('a recording that takes longer than a run goes back once, then is given up; it is never cut off', async () => {
  const engine = fakeEngine(
    (_text, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
  );
  const { s3, run, metrics } = await transcribeBench({ engine });
  s3.put('data', 'recordings/long.wav', 'long');
  const body = created(['data', 'recordings/long.wav']);
  const soon = () => ({ deadlineMs: Date.now() + 8_050 });
  expect(await run(queued({ id: 'm1', body }), soon())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(keysBelow(s3, 'failed/')).toEqual([]);
  expect(await run(queued({ id: 'm1', body, receiveCount: 2 }), soon())).toEqual({ batchItemFailures: [] });
  const [reason = ''] = keysBelow(s3, 'failed/');
  expect(JSON.parse(s3.text('data', reason) ?? '')).toMatchObject({
    code: 'RECORDING_TOO_LONG',
    actions: [
      'mlops transcribe s3://data/recordings/long.wav --output s3://data/processed/',
      expect.stringContaining('more time'),
    ],
  });
  expect(metrics()).toMatchObject({ RecordingsFailed: 1 });
});

test('that a recording will not be done in time is seen before the time is over', async () => {
  let now = Date.now();
  let hasEnded = false;
  const engine = fakeEngine(async (_text, { onProgress, signal }) => {
    now += 30_000;
    // A tenth of it in 30 s: all of it takes 300 s.
    onProgress?.(60, 600);
    signal?.throwIfAborted();
    hasEnded = true;
  });
  const { s3, run, deps } = await transcribeBench({ engine, now: () => now });
  s3.put('data', 'recordings/long.wav', 'long');
  const event = queued({ id: 'm1', body: created(['data', 'recordings/long.wav']) });
  expect(await run(event, { deadlineMs: now + 108_000 })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(hasEnded).toBe(false);
  expect(deps.said.join('\n')).toContain('It would take about 5 m');
  expect(await run(event, { deadlineMs: now + 900_000 })).toEqual({ batchItemFailures: [] });
});

test('a stop is not the fault of a recording', async () => {
  const stop = new AbortController();
  const engine = fakeEngine(async () => stop.abort('SIGTERM'));
  const { s3, run } = await transcribeBench({ engine });
  s3.put('data', 'recordings/a.wav', 'one');
  const event = queued({ id: 'm1', body: created(['data', 'recordings/a.wav']), receiveCount: 2 });
  expect(await run(event, { signal: stop.signal })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(keysBelow(s3, 'failed/')).toEqual([]);
});

test('results as CSV, and metrics also of a run that fails', async () => {
  const { s3, run, lines, metrics } = await transcribeBench({}, { RESULT_FORMAT: 'csv' });
  s3.put('data', 'recordings/a.wav', 'one, two');
  await run(created(['data', 'recordings/a.wav']));
  const [key = ''] = keysBelow(s3, 'processed/');
  expect(key).toMatch(/\.csv$/);
  expect(s3.text('data', key)).toContain('"one, two"');
  expect(await errorOf(() => run({ hello: 'world' }))).toMatchObject({
    code: 'EVENT_UNREADABLE',
    actions: [expect.stringContaining('docs/pipeline.md')],
  });
  expect(lines).toHaveLength(2);
  expect(metrics()).toMatchObject({ RecordingsDone: 0, RecordingsFailed: 0, AudioSeconds: 0, ProcessingSeconds: 0 });
});
