import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type PredictRequest, predict } from '../../../src/lib/inference/predict.js';
import { importPickle } from '../../../src/lib/model/import/import-pickle.js';
import { openModel } from '../../../src/lib/model/open.js';
import { errorOf } from '../../support/errors.js';
import { expectedPickles, picklePath } from '../../support/pickles.js';
import { tempDir } from '../../support/temp-dir.js';

const pickle = 'sk1.9.1-frame-p5.pkl';
const expected = expectedPickles.get(pickle);
if (expected === undefined) throw new Error(`no fixture ${pickle}`);
const { rows, labels, probabilities } = expected;
const csv = rows.map((row) => row.join(',')).join('\n');

interface Run {
  readonly dir: string;
  readonly summary: Awaited<ReturnType<typeof predict>>;
  readonly text: string;
}

/** Predicts `input` from stdin unless `change` says otherwise. */
async function run(input: string | Readable, change: Partial<PredictRequest> = {}): Promise<Run> {
  const dir = await tempDir();
  const path = join(dir, 'model.onnx');
  await importPickle({ pickle: picklePath(pickle), output: path });
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const request: PredictRequest = {
    model: await openModel(path, { baseDir: dir }),
    input: '-',
    stdin: typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input,
    stdout,
    probabilities: false,
    json: false,
    signal: new AbortController().signal,
    ...change,
    ...(change.output === undefined ? {} : { output: join(dir, change.output) }),
  };
  const summary = await predict(request).catch((error: Error) => Promise.reject(Object.assign(error, { text, dir })));
  return { dir, summary, text };
}

async function failure(input: string | Readable, change: Partial<PredictRequest> = {}) {
  return (await errorOf(() => run(input, change))) as Awaited<ReturnType<typeof errorOf>> & {
    text: string;
    dir: string;
  };
}

describe('predict', () => {
  test('CSV in, CSV out, with the probabilities under the names of the classes', async () => {
    const { text, summary } = await run(`\uFEFF${csv}`, { probabilities: true });
    const [header, ...lines] = text.trimEnd().split('\n');
    expect(header).toBe('label,probability_no,probability_yes');
    expect(lines.map((line) => line.split(',')[0])).toEqual(labels);
    for (const [row, line] of lines.entries()) {
      const [, ...values] = line.split(',').map(Number);
      for (const [index, value] of values.entries())
        expect(value).toBeCloseTo(probabilities[row]?.[index] as number, 6);
    }
    expect(summary).toMatchObject({ rows: rows.length, output: null });
  });

  test('labels alone', async () => {
    expect((await run(csv)).text).toBe(`label\n${labels.join('\n')}\n`);
  });

  test('JSON lines', async () => {
    const { text } = await run(JSON.stringify({ array: rows }), { json: true, probabilities: true });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ label }) => label)).toEqual(labels);
    expect(lines[0].probabilities[0]).toBeCloseTo(probabilities[0]?.[0] as number, 6);
    // The shortest text of a float32, not the digits of the same number as a float64.
    expect(Math.max(...lines.map((line) => String(line.probabilities[0]).length))).toBeLessThan(13);
  });

  test('columns by the names of a header', async () => {
    const header = 'constructor,__proto__,Größe,age';
    const reversed = rows.map((row) => row.toReversed().join(',')).join('\n');
    expect((await run(`${header}\n${reversed}`)).text).toBe((await run(csv)).text);
  });

  test('many rows come out in order, chunk by chunk', async () => {
    let written = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString().split('\n').length - 1;
        setImmediate(done);
      },
    });
    let produced = 0;
    let ahead = 0;
    async function* lines() {
      for (let block = 0; block < 100; block++) {
        produced += rows.length * 64;
        ahead = Math.max(ahead, produced - written);
        yield Buffer.from(`${csv}\n`.repeat(64));
      }
    }
    const { summary } = await run(Readable.from(lines(), { highWaterMark: 1 }), { stdout: slow });
    expect(summary.rows).toBe(rows.length * 6400);
    expect(written).toBe(summary.rows + 1);
    // A slow reader holds the input back: only a few chunks and blocks are ever on the way.
    expect(ahead).toBeLessThan(8192);
  });

  test('a file appears when it is complete; its name says the format', async () => {
    const done = await run(csv, { output: 'out.jsonl' });
    expect(done.text).toBe('');
    expect(await readFile(join(done.dir, 'out.jsonl'), 'utf8')).toContain(`{"label":"${labels[0]}"}\n`);
    expect(done.summary).toMatchObject({ rows: rows.length, output: join(done.dir, 'out.jsonl') });
  });

  test('the format that is given wins over the first character', async () => {
    expect((await failure(csv, { format: 'json' })).message).toContain('not JSON');
  });
});

describe('errors', () => {
  test('come after what was right before them', async () => {
    const error = await failure(`${csv}\n1,2\n${csv}`);
    expect(error.message).toContain(`line ${rows.length + 1}: 2 values, the model takes 4`);
    expect(error.text).toBe(`label\n${labels.join('\n')}\n`);
  });

  test('leave no file', async () => {
    const error = await failure(`${csv}\n1,2`, { output: 'out.csv' });
    expect((await readdir(error.dir)).sort()).toEqual(['model.json', 'model.onnx']);
  });

  test.each<[string, string | Readable, Partial<PredictRequest>, string]>([
    ['no rows', 'age,Größe,__proto__,constructor\n', {}, 'NO_ROWS'],
    ['nothing at all', '', {}, 'NO_ROWS'],
    ['no UTF-8', Readable.from([Buffer.from('1,2\xff', 'latin1')]), {}, 'INVALID_ROWS'],
    ['a character cut off', Readable.from([Buffer.from('ä').subarray(0, 1)]), {}, 'INVALID_ROWS'],
    ['no such file', '', { input: '/nowhere/rows.csv' }, 'FILE_NOT_FOUND'],
    ['a folder', '', { input: import.meta.dirname }, 'FILE_UNREADABLE'],
    ['a folder that is not there', csv, { output: 'no/out.csv' }, 'OUTPUT_NOT_WRITTEN'],
  ])('%s', async (_, input, change, code) => {
    expect((await failure(input, change)).code).toBe(code);
  });

  test('the output is never the input', async () => {
    const dir = await tempDir();
    const path = join(dir, 'rows.csv');
    await writeFile(path, csv);
    const model = await openModel(undefined, { baseDir: dir });
    const request = { model, input: path, output: path, stdin: Readable.from([]), stdout: new PassThrough() };
    const signal = new AbortController().signal;
    const error = await errorOf(() => predict({ ...request, probabilities: false, json: false, signal }));
    expect(error.code).toBe('OUTPUT_IS_INPUT');
    expect(await readFile(path, 'utf8')).toBe(csv);
  });

  test('an interrupt ends a stream that says nothing more', async () => {
    const controller = new AbortController();
    const stdin = new PassThrough();
    stdin.write(`${csv}\n`);
    setImmediate(() => controller.abort('SIGINT'));
    const error = await failure(stdin, { signal: controller.signal });
    expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });

  test('a reader that goes away ends it quietly', async () => {
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    gone.on('error', () => {});
    expect((await run(csv, { stdout: gone })).summary.rows).toBe(0);
  });
});
