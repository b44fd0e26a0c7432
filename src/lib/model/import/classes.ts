import { readArray, readScalar } from '../pickle/numpy.js';
import { type PickleValue, typeName } from '../pickle/values.js';
import { notImportable } from './errors.js';
import type { ClassLabels } from './linear-classifier.js';

/**
 * The labels of `classes_`: integers, booleans (as 0 and 1), whole floats (as integers) or strings.
 * Throws UsageError for anything else, fewer than two or repeated labels.
 */
export function readClasses(value: PickleValue | undefined): { labels: ClassLabels; warning?: string } {
  if (value === undefined) throw notImportable('The LogisticRegression is not fitted: it has no classes_.');
  const array = readArray(value);
  if (array?.shape.length !== 1) throw notImportable('classes_ is not an array of one dimension.');
  const values = Array.from<PickleValue>(array.values).map(readScalar);
  if (values.length < 2) throw notImportable(`It knows ${values.length} class, a classifier needs two or more.`);
  if (new Set(values).size !== values.length) throw notImportable('classes_ has the same label twice.');
  if (values.every((label) => typeof label === 'string')) return { labels: { type: 'string', values } };
  const integers = values.map(toInteger);
  if (new Set(integers).size !== integers.length) throw notImportable('classes_ mixes labels that are equal numbers.');
  const kind = typeof values[0];
  const labels: ClassLabels = { type: 'integer', values: integers };
  if (kind === 'bigint') return { labels };
  return { labels, warning: `The classes are ${kind === 'boolean' ? 'bools' : 'floats'} and become integers in ONNX` };
}

/** Labels travel as JSON numbers, which are exact up to 2^53. */
function toInteger(label: PickleValue): bigint {
  const number =
    typeof label === 'bigint' || typeof label === 'boolean' || typeof label === 'number' ? Number(label) : Number.NaN;
  if (Number.isSafeInteger(number)) return BigInt(number);
  throw notImportable(
    `A class label is ${typeof label === 'number' || typeof label === 'bigint' ? String(label) : `of type ${typeName(label)}`}: ` +
      'labels are strings or whole numbers up to 2^53.',
  );
}
