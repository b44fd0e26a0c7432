import { describe, expect, test } from 'vitest';
import { linkFunction } from '../../../../src/lib/model/import/link-function.js';
import { readLogisticRegression } from '../../../../src/lib/model/import/logistic-regression.js';
import { readSklearnVersion } from '../../../../src/lib/model/import/sklearn-version.js';
import { readPickle } from '../../../../src/lib/model/pickle/read-pickle.js';
import type { PickleValue, PyInstance } from '../../../../src/lib/model/pickle/values.js';
import { errorOf } from '../../../support/errors.js';
import { pickleFixture } from '../../../support/pickles.js';

/** The state of a real model, changed. `undefined` removes an attribute. */
function changed(changes: Record<string, PickleValue | undefined>, from = 'sk1.9.1-multi-p2.pkl'): PickleValue {
  const root = readPickle(pickleFixture(from)) as PyInstance;
  const state = root.state as Map<PickleValue, PickleValue>;
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) state.delete(name);
    else state.set(name, value);
  }
  return root;
}

function attribute(name: string, from: string): PickleValue {
  const state = (readPickle(pickleFixture(from)) as PyInstance).state as Map<PickleValue, PickleValue>;
  return state.get(name) as PickleValue;
}

const binary = 'sk1.9.1-binary-p2.pkl';

describe('what cannot be imported says why', () => {
  test.each<[string, Record<string, PickleValue | undefined>, string]>([
    ['not fitted', { coef_: undefined }, 'not fitted'],
    ['no intercept', { intercept_: undefined }, 'not fitted'],
    ['no classes', { classes_: undefined }, 'not fitted'],
    ['coef_ is a list', { coef_: [1n] }, 'coef_ should be an array'],
    ['coef_ has one dimension', { coef_: attribute('intercept_', binary) }, 'shape [1]'],
    ['coef_ of another number of classes', { coef_: attribute('coef_', binary) }, '3 classes need 3 rows'],
    ['classes of another number', { classes_: attribute('classes_', binary) }, '2 classes need 1 row'],
    [
      'intercepts of another number',
      { intercept_: attribute('coef_', 'sk1.9.1-multi-p2.pkl') },
      'intercept_ should have 3',
    ],
    ['an intercept that is text', { intercept_: 'a' }, 'something else than numbers'],
    ['a diverged fit', { intercept_: Number.NaN }, 'NaN or infinite'],
    ['classes that are a list', { classes_: ['a', 'b', 'c'] }, 'not an array'],
    ['another number of features', { n_features_in_: 5n }, 'n_features_in_ is 5'],
    [
      'feature names of another number',
      { feature_names_in_: attribute('classes_', 'sk1.9.1-frame-p2.pkl') },
      '4 names',
    ],
    ['no version', { _sklearn_version: undefined }, 'which version'],
    ['a version that is none', { _sklearn_version: 'new' }, 'which version'],
    ['0.23', { _sklearn_version: '0.23.2' }, 'scikit-learn 0.23.2 wrote it'],
    ['a multi_class nobody knows', { _sklearn_version: '1.5.0', multi_class: 'ovo' }, 'multi_class'],
  ])('%s', async (_, changes, why) => {
    const error = await errorOf(() => readLogisticRegression(changed(changes)));
    expect(error).toMatchObject({ code: 'MODEL_NOT_IMPORTABLE', exitCode: 2 });
    expect(error.why).toContain(why);
  });

  test.each<[string, PickleValue]>([
    ['a dict', new Map()],
    ['an array', attribute('coef_', binary)],
    ['None', null],
  ])('%s instead of a model', async (_, root) => {
    expect((await errorOf(() => readLogisticRegression(root))).why).toContain(
      'instead of a scikit-learn LogisticRegression',
    );
  });

  test('a newer version is read with a warning', () => {
    const { warnings } = readLogisticRegression(changed({ _sklearn_version: '1.10.0' }));
    expect(warnings).toEqual([expect.stringContaining('1.10.0 is newer than 1.9')]);
  });
});

/** The rules of predict_proba, by version. Columns: version, classes, multi_class, solver. */
test.each([
  ['0.24.2', 2, 'auto', 'lbfgs', 'sigmoid'],
  ['0.24.2', 3, 'auto', 'lbfgs', 'softmax'],
  ['1.2.0', 3, 'auto', 'liblinear', 'normalized-sigmoids'],
  ['1.2.0', 2, 'multinomial', 'lbfgs', 'binary-softmax'],
  ['1.2.0', 3, 'multinomial', 'lbfgs', 'softmax'],
  ['1.2.0', 3, 'ovr', 'lbfgs', 'normalized-sigmoids'],
  ['1.2.0', 2, 'ovr', 'lbfgs', 'sigmoid'],
  ['1.2.0', 3, 'warn', 'lbfgs', 'normalized-sigmoids'],
  ['1.6.1', 3, 'deprecated', 'lbfgs', 'softmax'],
  ['1.6.1', 3, 'deprecated', 'liblinear', 'normalized-sigmoids'],
  ['1.7.0', 2, 'deprecated', 'liblinear', 'sigmoid'],
  ['1.7.0', 2, undefined, 'lbfgs', 'sigmoid'],
  ['1.8.0', 2, undefined, 'lbfgs', 'sigmoid'],
  ['1.9.1', 3, undefined, 'lbfgs', 'softmax'],
  ['1.9.1', 2, undefined, 'liblinear', 'sigmoid'],
  // Written by an older version, loaded and pickled again: 1.9 does not look at the attribute.
  ['1.9.1', 3, 'ovr', 'lbfgs', 'softmax'],
])('scikit-learn %s, %i classes, multi_class=%s, solver=%s: %s', (version, classes, multiClass, solver, link) => {
  expect(linkFunction({ version: readSklearnVersion(version), classes, multiClass, solver })).toBe(link);
});

test.each(['1.10.0', '1.9', '1.8.dev0', '1.4.1.post1', '1.5rc1', '0.24.0'])('version %s is one', (text) => {
  expect(readSklearnVersion(text).text).toBe(text);
});
