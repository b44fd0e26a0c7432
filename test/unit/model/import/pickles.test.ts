import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPredictor } from '../../../../src/lib/inference/session.js';
import { readLogisticRegression } from '../../../../src/lib/model/import/logistic-regression.js';
import { toOnnx } from '../../../../src/lib/model/import/to-onnx.js';
import { openModel } from '../../../../src/lib/model/open.js';
import { readPickle } from '../../../../src/lib/model/pickle/read-pickle.js';
import { errorOf } from '../../../support/errors.js';
import { expectedPickles, pickleFixture } from '../../../support/pickles.js';
import { tempDir } from '../../../support/temp-dir.js';

const tooOld = 'synthesized-0.21.3-binary-p2.pkl';
const readable = [...expectedPickles].filter(([name]) => name !== tooOld);
const classifierOf = (name: string) => readLogisticRegression(readPickle(pickleFixture(name)));

describe('pickles of scikit-learn give the labels and probabilities of scikit-learn', () => {
  test('there are enough of them to mean something', () => {
    expect(readable.length).toBeGreaterThan(60);
  });

  test.each(readable)('%s', async (name, expected) => {
    const classifier = classifierOf(name);
    const path = join(await tempDir(), 'model.onnx');
    await writeFile(path, toOnnx(classifier));
    const model = await openModel(path, { baseDir: '/' });
    expect(model.signature.classes).toEqual(expected.classes);
    expect(model.signature.featureNames ?? null).toEqual(expected.featureNames);
    const predictor = await createPredictor(model);
    const { labels, probabilities } = await predictor.predict(
      Float32Array.from(expected.rows.flat()),
      expected.rows.length,
    );
    await predictor.close();
    expect(labels).toEqual(expected.labels);
    const wanted = expected.probabilities.flat();
    expect(probabilities?.values.length).toBe(wanted.length);
    const errors = wanted.map((value, index) => Math.abs(value - (probabilities?.values[index] as number)));
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});

test('all protocols of one model become the same bytes', () => {
  const digests = [0, 1, 2, 3, 4, 5].map((protocol) =>
    createHash('sha256')
      .update(toOnnx(classifierOf(`sk1.9.1-binary-p${protocol}.pkl`)))
      .digest('hex'),
  );
  expect(new Set(digests).size).toBe(1);
});

test('what changes on the way is said', () => {
  expect(classifierOf('sk1.9.1-bools-p4.pkl').warnings).toEqual([expect.stringContaining('bools')]);
  expect(classifierOf('sk1.9.1-floats-p4.pkl').warnings).toEqual([expect.stringContaining('floats')]);
  expect(classifierOf('sk1.9.1-binary-p4.pkl').warnings).toEqual([]);
});

test('a version before 0.24 is refused by its number, under its old module path too', async () => {
  const error = await errorOf(() => classifierOf(tooOld));
  expect(error.code).toBe('MODEL_NOT_IMPORTABLE');
  expect(error.why).toContain('0.21.3');
});
