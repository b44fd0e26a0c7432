import { readArray, readScalar } from '../pickle/numpy.js';
import { type PickleValue, PyInstance, typeName } from '../pickle/values.js';
import { readClasses } from './classes.js';
import { notImportable } from './errors.js';
import type { LinearClassifier } from './linear-classifier.js';
import { linkFunction } from './link-function.js';
import { readSklearnVersion, versionWarning } from './sklearn-version.js';

type State = ReadonlyMap<PickleValue, PickleValue>;

const classNames = [
  'sklearn.linear_model._logistic.LogisticRegression',
  'sklearn.linear_model.logistic.LogisticRegression',
];

/**
 * A fitted scikit-learn LogisticRegression (0.24 to 1.9, two or more classes) from what its pickle holds.
 * Throws UsageError (`MODEL_NOT_IMPORTABLE`) that says what is missing, unfitted or of the wrong shape.
 */
export function readLogisticRegression(root: PickleValue): LinearClassifier {
  if (!(root instanceof PyInstance) || !classNames.includes(root.className)) {
    throw notImportable(`It holds ${typeName(root)} instead of a scikit-learn LogisticRegression.`);
  }
  if (!(root.state instanceof Map)) throw notImportable('The LogisticRegression has no attributes.');
  const state: State = root.state;
  const version = readSklearnVersion(state.get('_sklearn_version'));
  const { coefficients, rows, features } = readCoefficients(state);
  const { labels, warning } = readClasses(state.get('classes_'));
  const expectedRows = labels.values.length === 2 ? 1 : labels.values.length;
  if (rows !== expectedRows) {
    throw notImportable(
      `${labels.values.length} classes need ${expectedRows} rows of coefficients, coef_ has ${rows}.`,
    );
  }
  const declared = state.get('n_features_in_');
  if (declared !== undefined && Number(readScalar(declared)) !== features) {
    throw notImportable(`coef_ has ${features} columns, n_features_in_ is ${String(readScalar(declared))}.`);
  }
  const featureNames = readFeatureNames(state.get('feature_names_in_'), features);
  return {
    features,
    ...(featureNames === undefined ? {} : { featureNames }),
    classes: labels,
    coefficients,
    intercepts: readIntercepts(state.get('intercept_'), rows),
    link: linkFunction({
      version,
      classes: labels.values.length,
      multiClass: state.get('multi_class'),
      solver: state.get('solver'),
    }),
    source: { library: 'scikit-learn', version: version.text, className: 'LogisticRegression' },
    warnings: [versionWarning(version), warning].filter((text) => text !== undefined),
  };
}

function readCoefficients(state: State): { coefficients: Float64Array; rows: number; features: number } {
  const value = state.get('coef_');
  if (value === undefined) {
    throw notImportable('The LogisticRegression is not fitted: it has no coef_.', [
      'Call fit(X, y) before pickling it',
    ]);
  }
  const array = readArray(value);
  const [rows = 0, features = 0] = array?.shape ?? [];
  if (array?.shape.length !== 2 || rows < 1 || features < 1) {
    throw notImportable(`coef_ should be an array of shape [rows, features], it is ${describe(value)}.`);
  }
  return { coefficients: finiteNumbers('coef_', array.values), rows, features };
}

/** liblinear without intercept stores the plain number 0.0, which numpy would broadcast. */
function readIntercepts(value: PickleValue | undefined, rows: number): Float64Array {
  if (value === undefined) throw notImportable('The LogisticRegression is not fitted: it has no intercept_.');
  const array = readArray(value);
  const values = array === undefined ? [readScalar(value)] : array.values;
  const isVector = array === undefined || array.shape.length === 0 || array.shape.length === 1;
  if (!isVector || (values.length !== rows && values.length !== 1)) {
    throw notImportable(`intercept_ should have ${rows} values, it is ${describe(value)}.`);
  }
  const numbers = finiteNumbers('intercept_', values);
  return numbers.length === rows ? numbers : new Float64Array(rows).fill(numbers[0] ?? 0);
}

function finiteNumbers(name: string, values: Float64Array | readonly PickleValue[]): Float64Array {
  if (!(values instanceof Float64Array) && values.some((v) => typeof v !== 'number' && typeof v !== 'bigint')) {
    throw notImportable(`${name} holds something else than numbers.`);
  }
  const numbers = values instanceof Float64Array ? values : Float64Array.from(values, Number);
  if (!numbers.every(Number.isFinite)) throw notImportable(`${name} holds NaN or infinite values: the fit diverged.`);
  return numbers;
}

function readFeatureNames(value: PickleValue | undefined, features: number): string[] | undefined {
  if (value === undefined) return undefined;
  const names = [...(readArray(value)?.values ?? [])].map((name) =>
    typeof name === 'number' ? name : readScalar(name),
  );
  if (names.length !== features || !names.every((name) => typeof name === 'string')) {
    throw notImportable(`feature_names_in_ should be ${features} names, it is ${describe(value)}.`);
  }
  return names;
}

function describe(value: PickleValue): string {
  const array = readArray(value);
  return array === undefined ? typeName(value) : `an array of shape [${array.shape.join(', ')}]`;
}
