import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importPickle } from '../../../../src/lib/model/import/import-pickle.js';
import { importText } from '../../../../src/lib/model/import/import-text.js';
import { openModel } from '../../../../src/lib/model/open.js';
import { errorOf } from '../../../support/errors.js';
import { picklePath } from '../../../support/pickles.js';
import { tempDir } from '../../../support/temp-dir.js';

const frame = picklePath('sk1.9.1-frame-p5.pkl');
const binary = picklePath('sk1.9.1-binary-p4.pkl');

async function withFacts(facts: unknown): Promise<{ dir: string; output: string; facts: string }> {
  const dir = await tempDir();
  const path = join(dir, 'facts.json');
  await writeFile(path, typeof facts === 'string' ? facts : JSON.stringify(facts));
  return { dir, output: join(dir, 'model.onnx'), facts: path };
}

describe('importPickle', () => {
  test('writes the model and its card, and says what it found', async () => {
    const output = join(await tempDir(), 'tickets.onnx');
    const result = await importPickle({ pickle: frame, output });
    expect(result).toMatchObject({
      name: 'tickets',
      version: '1',
      source: { library: 'scikit-learn', version: '1.9.1', className: 'LogisticRegression' },
      features: 4,
      featureNames: ['age', 'Größe', '__proto__', 'constructor'],
      classes: ['no', 'yes'],
      output,
      warnings: [],
    });
    const bytes = await readFile(output);
    expect(result.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(result.sizeBytes).toBe(bytes.length);
    const card = JSON.parse(await readFile(result.card, 'utf8'));
    expect(card).toMatchObject({ name: 'tickets', sha256: result.sha256, classes: ['no', 'yes'] });
    const model = await openModel(output, { baseDir: '/' });
    expect(model.signature.inputs).toEqual(card.inputs);
    expect(model.signature.outputs).toEqual(card.outputs);
    for (const shown of ['LogisticRegression', '1.9.1', 'Größe', 'no, yes', output, result.sha256]) {
      expect(importText(result)).toContain(shown);
    }
  });

  test('the same pickle gives the same file, whatever the file is called', async () => {
    const dir = await tempDir();
    const first = await importPickle({ pickle: binary, output: join(dir, 'a.onnx') });
    const second = await importPickle({ pickle: binary, output: join(dir, 'b.onnx'), name: 'other' });
    expect(second.sha256).toBe(first.sha256);
  });

  test('facts go into the card, feature names into the model too', async () => {
    const { output, facts } = await withFacts({
      version: '2026-01',
      description: 'x',
      featureNames: ['a', 'b', 'c', 'd'],
      own: { team: 'y' },
    });
    await importPickle({ pickle: binary, output, facts });
    const model = await openModel(output, { baseDir: '/' });
    expect(model).toMatchObject({ version: '2026-01', signature: { featureNames: ['a', 'b', 'c', 'd'] } });
    const card = JSON.parse(await readFile(join(output, '..', 'model.json'), 'utf8'));
    expect(card).toMatchObject({ description: 'x', own: { team: 'y' } });
  });

  test.each([
    ['too few feature names', binary, { featureNames: ['a'] }, 'FEATURE_NAMES_MISMATCH'],
    [
      'feature names in another order',
      frame,
      { featureNames: ['Größe', 'age', '__proto__', 'constructor'] },
      'FEATURE_NAMES_MISMATCH',
    ],
    ['facts of the wrong type', binary, { version: 1 }, 'CARD_INVALID'],
    ['facts that are not JSON', binary, '{', 'CARD_INVALID'],
  ])('%s: nothing is written', async (_, pickle, content, code) => {
    const { dir, output, facts } = await withFacts(content);
    expect((await errorOf(() => importPickle({ pickle, output, facts }))).code).toBe(code);
    expect(await readdir(dir)).toEqual(['facts.json']);
  });

  test('replaces a model or its card only with force', async () => {
    const dir = await tempDir();
    const output = join(dir, 'model.onnx');
    await writeFile(join(dir, 'model.json'), 'mine');
    const error = await errorOf(() => importPickle({ pickle: binary, output }));
    expect(error).toMatchObject({ code: 'OUTPUT_EXISTS', exitCode: 2 });
    expect(error.actions.join()).toContain('--force');
    expect(await readFile(join(dir, 'model.json'), 'utf8')).toBe('mine');
    await importPickle({ pickle: binary, output, force: true });
    expect((await readdir(dir)).sort()).toEqual(['model.json', 'model.onnx']);
  });

  test.each([
    ['another extension', { output: 'model.bin' }, 'OUTPUT_NAME'],
    ['a name for no URL', { name: 'a/b' }, 'MODEL_NAME'],
    ['no pickle', { pickle: '/nowhere/model.pkl' }, 'FILE_NOT_FOUND'],
    ['a folder that is not there', { output: 'no/folder/model.onnx' }, 'OUTPUT_NOT_WRITTEN'],
  ])('%s', async (_, change, code) => {
    const dir = await tempDir();
    const request = { pickle: binary, output: 'model.onnx', ...change };
    const error = await errorOf(() => importPickle({ ...request, output: join(dir, request.output) }));
    expect(error.code).toBe(code);
    expect(await readdir(dir)).toEqual([]);
  });

  test('a failure between the two files leaves no temporary file behind', async () => {
    const dir = await tempDir();
    await mkdir(join(dir, 'model.json', 'full'), { recursive: true });
    const error = await errorOf(() => importPickle({ pickle: binary, output: join(dir, 'model.onnx'), force: true }));
    expect(error).toMatchObject({ code: 'OUTPUT_NOT_WRITTEN', exitCode: 1 });
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
