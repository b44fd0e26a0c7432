import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogNames, catalogPath } from '../../../src/lib/model/catalog.js';
import { inspectionOf, inspectionText } from '../../../src/lib/model/inspection.js';
import { node, tensorInfo } from '../../../src/lib/model/onnx/build.js';
import { inspectModel, openModel } from '../../../src/lib/model/open.js';
import { errorOf } from '../../support/errors.js';
import { onnxModel } from '../../support/onnx-models.js';
import { tempDir } from '../../support/temp-dir.js';

const bundledPath = catalogPath('flight-delay') as string;
const bundledCard = bundledPath.replace('.onnx', '.json');

async function modelFile(name: string, parts: { metadata?: Record<string, string>; modelVersion?: number } = {}) {
  const path = join(await tempDir(), name);
  const nodes = [node('Identity', ['x'], ['y'])];
  await writeFile(
    path,
    onnxModel({
      nodes,
      inputs: [tensorInfo('x', 'float32', ['n', 2])],
      outputs: [tensorInfo('y', 'float32', ['n', 2])],
      ...parts,
    }),
  );
  return path;
}

describe('openModel', () => {
  test('without a reference, and by its name, the bundled model with its card', async () => {
    const model = await openModel(undefined, { baseDir: '/nowhere' });
    expect(model).toMatchObject({ name: 'flight-delay', version: '1', path: bundledPath });
    expect(isAbsolute(model.path)).toBe(true);
    expect(model.signature.classes).toEqual([0, 1]);
    expect(model.signature.featureNames).toHaveLength(37);
    expect(await openModel('flight-delay', { baseDir: '/nowhere' })).toEqual(model);
    expect(catalogNames()).toEqual(['flight-delay', 'moonshine-tiny']);
  });

  test('a relative path starts at baseDir', async () => {
    const path = await modelFile('model.onnx');
    const model = await openModel('./model.onnx', { baseDir: join(path, '..') });
    expect(model.path).toBe(path);
  });

  test('a path is a file also when it is called like a model of the catalog', async () => {
    const path = await modelFile('flight-delay');
    expect((await openModel('./flight-delay', { baseDir: join(path, '..') })).path).toBe(path);
  });

  test.each([
    ['churn.onnx', 'churn'],
    ['my model (2).onnx', 'my-model-2-'],
    ['.hidden.onnx', 'model-hidden'],
    ['größe.onnx', 'gr-e'],
  ])('without a card %s is called %s', async (file, name) => {
    expect((await openModel(await modelFile(file), { baseDir: '/' })).name).toBe(name);
  });

  test('without a card the file says version, feature names and classes, if they make sense', async () => {
    const metadata = { feature_names: '["a","b"]', classes: '["x",1]' };
    const named = await openModel(await modelFile('a.onnx', { metadata, modelVersion: 7 }), { baseDir: '/' });
    expect(named).toMatchObject({ version: '7', signature: { featureNames: ['a', 'b'], classes: ['x', 1] } });
    const other = { feature_names: 'a;b', classes: '{"x":1}' };
    const plain = await openModel(await modelFile('b.onnx', { metadata: other }), { baseDir: '/' });
    expect(plain.version).toBe('1');
    expect(plain.signature).not.toHaveProperty('featureNames');
    expect(plain.signature).not.toHaveProperty('classes');
  });

  test('feature names that do not fit the input are refused', async () => {
    const path = await modelFile('a.onnx', { metadata: { feature_names: '["a"]' } });
    expect((await errorOf(() => openModel(path, { baseDir: '/' }))).code).toBe('FEATURE_NAMES_MISMATCH');
  });
});

describe('what cannot be opened', () => {
  test.each(['s3://bucket/model.onnx', 'gs://bucket/model.onnx', 'https://host/model.onnx'])(
    '%s',
    async (reference) => {
      const error = await errorOf(() => openModel(reference, { baseDir: '/' }));
      expect(error).toMatchObject({ code: 'MODEL_REFERENCE_UNSUPPORTED', exitCode: 2 });
      expect(error.message).toContain(`${reference.split(':')[0]}://`);
    },
  );

  test('a name that is neither a file nor in the catalog', async () => {
    const error = await errorOf(() => openModel('flightdelay', { baseDir: '/nowhere' }));
    expect(error.code).toBe('MODEL_NOT_FOUND');
    expect(error.why).toContain('/nowhere/flightdelay');
    expect(error.why).toContain('flight-delay');
  });
});

describe('the card', () => {
  async function copyWithCard(change: (card: Record<string, unknown>) => unknown): Promise<string> {
    const dir = await tempDir();
    await copyFile(bundledPath, join(dir, 'model.onnx'));
    const card = change(JSON.parse(await readFile(bundledCard, 'utf8')));
    await writeFile(join(dir, 'model.json'), typeof card === 'string' ? card : JSON.stringify(card));
    return join(dir, 'model.onnx');
  }

  test('names the model', async () => {
    const path = await copyWithCard((card) => ({ ...card, name: 'other', version: '2026-01-31' }));
    expect(await openModel(path, { baseDir: '/' })).toMatchObject({ name: 'other', version: '2026-01-31' });
  });

  test('of another file is refused with both digests', async () => {
    const error = await errorOf(async () =>
      openModel(await copyWithCard((card) => ({ ...card, sha256: '0'.repeat(64) })), { baseDir: '/' }),
    );
    expect(error.code).toBe('CARD_DIGEST_MISMATCH');
    expect(error.why).toContain('0'.repeat(64));
  });

  test.each<[string, (card: Record<string, unknown>) => unknown, string]>([
    ['no JSON', () => '{', 'not JSON'],
    ['not a card', () => ({ hello: 1 }), 'sha256'],
    ['a name for no URL', (card) => ({ ...card, name: 'a/b' }), 'name'],
    ['a version for no URL', (card) => ({ ...card, version: 'a b' }), 'version'],
    ['a list', () => '[]', 'the card'],
  ])('that is %s', async (_, change, why) => {
    const error = await errorOf(async () => openModel(await copyWithCard(change), { baseDir: '/' }));
    expect(error.code).toBe('CARD_INVALID');
    expect(error.why).toContain(why);
  });

  test('that is a folder', async () => {
    const path = await modelFile('model.onnx');
    await mkdir(join(path, '..', 'model.json'));
    expect((await errorOf(() => openModel(path, { baseDir: '/' }))).code).toBe('NOT_A_FILE');
  });

  test('of the bundled model says where it comes from', async () => {
    const { card } = await inspectModel(undefined, { baseDir: '/' });
    expect(card?.training?.data).toMatchObject({ licence: 'none stated by the source', rows: 45_698 });
    expect(card?.training?.data.files.map((file) => file.sha256)).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect(Object.keys(card?.training?.metrics ?? {})).toEqual(
      expect.arrayContaining(['balancedAccuracy', 'rocAuc', 'f1']),
    );
  });
});

describe('the text of an inspection', () => {
  test('shows signature, source, data and metrics of the bundled model', async () => {
    const text = inspectionText(inspectionOf(await inspectModel(undefined, { baseDir: '/' })));
    for (const shown of [
      'FP32 [-1, 37]',
      'INT64 [-1]',
      'scikit-learn',
      '45,698 rows',
      'balancedAccuracy',
      'and 33 more',
    ]) {
      expect(text).toContain(shown);
    }
  });

  test('keeps control characters of a file away from the terminal', async () => {
    const path = await modelFile('a.onnx', { metadata: { source: 'x\x1b[2Jy', feature_names: '["a\\u001b[2J","b"]' } });
    const details = await inspectModel(path, { baseDir: '/' });
    const text = inspectionText(inspectionOf(details));
    expect(text).not.toContain('\x1b');
    expect(text).toContain('none beside the file');
  });
});
