import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PrerequisiteError } from '../../../src/lib/base/errors/mlops-error.js';
import { temporaryName } from '../../../src/lib/platform/files/leftovers.js';
import { planTranscription, type TranscribeRequest, transcribe } from '../../../src/lib/recordings/transcribe.js';
import { errorOf } from '../../support/errors.js';
import { type TestDeps, testDeps } from '../../support/recordings/deps.js';
import { fakeEngine } from '../../support/recordings/fake-engine.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { tempDir } from '../../support/temp-dir.js';

async function recordings(files: Record<string, string>): Promise<string> {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'rec'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, 'rec', name), text);
  return cwd;
}

async function run(deps: TestDeps, changed: Partial<TranscribeRequest> = {}) {
  const written: string[] = [];
  const { result, isInterrupted } = await transcribe(
    {
      sources: ['rec'],
      format: 'txt',
      output: 'out',
      channels: 'mix',
      model: 'fake',
      concurrency: 1,
      force: false,
      offline: false,
      signal: new AbortController().signal,
      ...changed,
    },
    { write: async (text) => void written.push(text), table: async () => 'table', keepRecords: true },
    deps,
  );
  return { ...result, isInterrupted, written };
}

const read = (cwd: string, path: string) => readFile(join(cwd, path), 'utf8');

test('every recording gets its file; the next run finds it done, and does what changed', async () => {
  const cwd = await recordings({ 'a.wav': 'one', 'b ü.mp3': 'two' });
  const deps = testDeps({ cwd });
  const first = await run(deps);
  expect(first.records.map(({ source, text }) => [source, text])).toEqual([
    ['rec/a.wav', 'one'],
    ['rec/b ü.mp3', 'two'],
  ]);
  expect(first.written).toEqual(['out/a.wav.txt\n', 'out/b ü.mp3.txt\n']);
  expect([await read(cwd, 'out/a.wav.txt'), await read(cwd, 'out/b ü.mp3.txt')]).toEqual(['one\n', 'two\n']);
  expect(deps.engine.isClosed()).toBe(true);

  await writeFile(join(cwd, 'rec/a.wav'), 'another');
  await writeFile(join(cwd, 'out/b ü.mp3.txt'), 'mended by hand');
  const second = await run(deps);
  expect(second.records.map(({ text }) => text)).toEqual(['another']);
  expect(second.skipped).toEqual([{ source: 'rec/b ü.mp3', reason: 'done: out/b ü.mp3.txt' }]);
  expect(await read(cwd, 'out/b ü.mp3.txt')).toBe('mended by hand');

  await rm(join(cwd, 'out/a.wav.txt'));
  expect((await run(deps)).written).toEqual(['out/a.wav.txt\n']);
  expect((await run(deps, { force: true })).written).toHaveLength(2);
  expect((await run(deps, { channels: 'split' })).written).toHaveLength(2);
  const model = {
    ...(await deps.speechModel('', { offline: false, signal: new AbortController().signal })),
    digest: 'e',
  };
  expect((await run({ ...deps, speechModel: async () => model })).written).toHaveLength(2);
  expect(await readdir(join(cwd, 'out/.mlops-transcribe'))).toEqual(['ledger.jsonl']);
});

test('one bad recording is reported, logged and tried again; the others go on', async () => {
  const cwd = await recordings({ 'a.wav': 'BAD', 'b.wav': 'good' });
  const deps = testDeps({ cwd });
  const { records, failed } = await run(deps);
  expect(records.map(({ text }) => text)).toEqual(['good']);
  expect(failed).toMatchObject([
    { source: 'rec/a.wav', code: 'AUDIO_DAMAGED', message: 'rec/a.wav is damaged', why: 'It says so.' },
  ]);
  expect(deps.said).toContain('Warning: rec/a.wav is damaged: It says so.');
  const logged = (await read(cwd, 'out/errors.jsonl')).trim().split('\n');
  expect(logged.map((line) => JSON.parse(line))).toEqual(failed);
  expect((await run(deps)).failed).toHaveLength(1);
  expect((await read(cwd, 'out/errors.jsonl')).trim().split('\n')).toHaveLength(2);
});

test('what mlops did not write, and what is the result of another recording, is not replaced unasked', async () => {
  const cwd = await recordings({ 'a.wav': 'one' });
  await mkdir(join(cwd, 'out'));
  await writeFile(join(cwd, 'out/a.wav.txt'), 'by hand');
  const deps = testDeps({ cwd });
  expect((await run(deps)).failed).toMatchObject([{ code: 'RESULT_TAKEN' }]);
  expect(await read(cwd, 'out/a.wav.txt')).toBe('by hand');
  expect((await run(deps, { force: true })).failed).toEqual([]);

  await mkdir(join(cwd, 'other'));
  await writeFile(join(cwd, 'other/a.wav'), 'of another');
  expect((await run(deps, { sources: ['other/a.wav'] })).failed).toMatchObject([{ code: 'RESULT_TAKEN' }]);
  expect(await read(cwd, 'out/a.wav.txt')).toBe('one\n');
});

test('a run that was killed at any instant is taken up: half a line, a result without its last line, leftovers', async () => {
  const cwd = await recordings({ 'a.wav': 'one', 'b.wav': 'two' });
  const deps = testDeps({ cwd });
  await run(deps);
  const ledger = 'out/.mlops-transcribe/ledger.jsonl';
  const lines = (await read(cwd, ledger)).trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  const dead = temporaryName('partial-', { host: hostname(), pid: 2 ** 22 + 1 });
  const alive = temporaryName('partial-', { host: hostname(), pid: process.ppid });
  const elsewhere = temporaryName('partial-', { host: 'another', pid: 1 });
  for (const name of [dead, alive, elsewhere]) await writeFile(join(cwd, 'out/.mlops-transcribe', name), 'half');

  // Killed between the result's name and its line, in the middle of that line.
  await writeFile(join(cwd, ledger), `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 40)}`);
  const again = await run(deps);
  expect(again.records.map(({ text }) => text)).toEqual(['two']);
  expect(again.skipped).toHaveLength(1);
  expect((await run(deps)).skipped).toHaveLength(2);
  const left = await readdir(join(cwd, 'out/.mlops-transcribe'));
  expect(left.sort()).toEqual([alive, elsewhere, 'ledger.jsonl'].sort());
});

test('an interrupt drops what is under work and says what is done', async () => {
  const cwd = await recordings({ 'a.wav': 'one', 'b.wav': 'two', 'c.wav': 'three' });
  const stop = new AbortController();
  const engine = fakeEngine(async (text) => {
    if (text === 'two') stop.abort('SIGINT');
  });
  const deps = testDeps({ cwd, engine });
  const { isInterrupted, records, failed } = await run(deps, { signal: stop.signal });
  expect({ isInterrupted, done: records.map(({ text }) => text), failed }).toEqual({
    isInterrupted: true,
    done: ['one'],
    failed: [],
  });
  expect(engine.isClosed()).toBe(true);
  expect(await readdir(join(cwd, 'out'))).toEqual(['.mlops-transcribe', 'a.wav.txt']);
  const before = AbortSignal.abort('SIGINT');
  expect(await errorOf(() => run(deps, { signal: before }))).toMatchObject({ exitCode: 130 });
});

test('what every recording would meet ends the run: an engine that does not open, results that cannot be stored', async () => {
  const cwd = await recordings({ 'a.wav': '1', 'b.wav': '2', 'c.wav': '3', 'd.wav': '4', 'e.wav': '5' });
  const refused = new PrerequisiteError('No runtime', { code: 'RUNTIME_MISSING' });
  expect(await errorOf(() => run(testDeps({ cwd, openEngine: () => Promise.reject(refused) })))).toBe(refused);

  const engine = fakeEngine(() => rm(join(cwd, 'out'), { recursive: true, force: true }));
  expect(await errorOf(() => run(testDeps({ cwd, engine })))).toMatchObject({ code: 'OUTPUT_FAILED', exitCode: 1 });
  expect(engine.begun.length).toBeLessThan(5);
  await writeFile(join(cwd, 'file'), '');
  const unwritable = await errorOf(() => run(testDeps({ cwd }), { output: 'file' }));
  expect(unwritable).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE', exitCode: 2 });
});

test('two runs at once: every result is whole, and each does what the other has not done yet', async () => {
  const cwd = await recordings(Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${n}.wav`, `text ${n}`])));
  const slow = () => fakeEngine(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const results = await Promise.all([run(testDeps({ cwd, engine: slow() })), run(testDeps({ cwd, engine: slow() }))]);
  expect(results.flatMap(({ failed }) => failed)).toEqual([]);
  for (let n = 0; n < 12; n += 1) expect(await read(cwd, `out/${n}.wav.txt`)).toBe(`text ${n}\n`);
  expect((await run(testDeps({ cwd }))).skipped).toHaveLength(12);
});

test('a file that changes while it is under work gives no result', async () => {
  const cwd = await recordings({ 'a.wav': 'one' });
  const engine = fakeEngine(() => writeFile(join(cwd, 'rec/a.wav'), 'one and more'));
  expect((await run(testDeps({ cwd, engine }))).failed).toMatchObject([{ code: 'SOURCE_CHANGED' }]);
});

test('S3 to S3: result and stamp in one object; done is done, a new version is not, others stay as they are', async () => {
  const s3Objects = new FakeS3();
  s3Objects.put('calls-in', 'calls/a b+ü.wav', 'one');
  s3Objects.put('calls-in', 'calls/bad.wav', 'BAD');
  s3Objects.put('out', 'texts/hand.wav.jsonl', 'by hand');
  s3Objects.put('calls-in', 'calls/hand.wav', 'two');
  const tmp = await tempDir();
  await mkdir(join(tmp, temporaryName('mlops-recording-', { host: hostname(), pid: 2 ** 22 + 1 })));
  const request = { sources: ['s3://calls-in/calls/'], output: 's3://out/texts', format: 'jsonl' } as const;
  const go = () => run(testDeps({ s3Objects, tempDir: tmp }), request);

  const first = await go();
  expect(first.written).toEqual(['s3://out/texts/a b+ü.wav.jsonl\n']);
  expect(first.failed.map(({ source, code }) => `${source} ${code}`).sort()).toEqual([
    's3://calls-in/calls/bad.wav AUDIO_DAMAGED',
    's3://calls-in/calls/hand.wav RESULT_TAKEN',
  ]);
  expect(JSON.parse(s3Objects.text('out', 'texts/a b+ü.wav.jsonl') ?? '')).toMatchObject({
    text: 'one',
    source: 's3://calls-in/calls/a b+ü.wav',
    uploaded_at: '2026-01-02T03:04:05.000Z',
  });
  expect(s3Objects.text('out', 'texts/errors.jsonl')?.trim().split('\n')).toHaveLength(2);
  expect(await readdir(tmp)).toEqual([]);

  expect((await go()).skipped).toMatchObject([{ source: 's3://calls-in/calls/a b+ü.wav' }]);
  s3Objects.put('calls-in', 'calls/a b+ü.wav', 'changed');
  expect((await go()).records.map(({ text }) => text)).toEqual(['changed']);
  expect(s3Objects.text('out', 'texts/errors.jsonl')?.trim().split('\n')).toHaveLength(6);
  expect(s3Objects.text('out', 'texts/hand.wav.jsonl')).toBe('by hand');
});

test('another run that stores the same first is no failure', async () => {
  const s3Objects = new FakeS3();
  s3Objects.put('calls-in', 'a.wav', 'one');
  const request = { sources: ['s3://calls-in/a.wav'], output: 's3://out/' };
  const tmp = await tempDir();
  const engine = fakeEngine(async () => void (await run(testDeps({ s3Objects, tempDir: tmp }), request)));
  const { records, failed, skipped } = await run(testDeps({ s3Objects, tempDir: tmp, engine }), request);
  expect({ records, failed, skipped: skipped.length }).toEqual({ records: [], failed: [], skipped: 1 });
});

test('a dry run says what would be done, and makes nothing', async () => {
  const cwd = await recordings({ 'a.wav': 'one', 'b.wav': 'two' });
  const deps = testDeps({ cwd, speechModel: () => Promise.reject(new Error('not in a dry run')) });
  const request: TranscribeRequest = {
    ...{ sources: ['rec'], output: 'out', model: 'fake', concurrency: 1, force: false, offline: true },
    format: 'srt',
    channels: 'mix',
    signal: new AbortController().signal,
  };
  expect((await planTranscription(request, deps)).planned.map(({ result }) => result)).toEqual([
    'out/a.wav.srt',
    'out/b.wav.srt',
  ]);
  expect(await readdir(cwd)).toEqual(['rec']);
  await run(testDeps({ cwd }), { sources: ['rec/a.wav'], format: 'srt' });
  const { planned, skipped } = await planTranscription(request, deps);
  expect([planned.length, skipped.length]).toEqual([1, 1]);
});
