import { readFile } from 'node:fs/promises';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { formatCount } from '../../base/units.js';
import { formatOfName, rowParser } from '../../inference/rows/format.js';
import { createPredictor, type Predictor } from '../../inference/session.js';
import { oneHotRows } from '../../load-test/rows.js';
import { bundledModelName, catalogPath } from '../../model/catalog.js';
import type { Model } from '../../model/types.js';

/** A check of every deploy should take seconds, and what it holds is kept in memory. */
const mostRows = 10_000;

export type Label = number | string;

/** Rows, and what the local model says about each. */
export interface GoldenSet {
  /** The file, as people know it. */
  readonly source: string;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly Label[];
}

export interface GoldenRequest {
  readonly model: Model;
  /** Absolute path; undefined: the bundled model has rows of its own, another model has none. */
  readonly file: string | undefined;
}

/**
 * The rows that the deployed model has to predict as the local one does; undefined for a model without any.
 * Throws UsageError `INVALID_ROWS`, `NO_ROWS`, `TOO_MANY_ROWS`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, and OperationError
 * `GOLDEN_LOCAL` when the bundled model no longer says what it said when it was trained.
 */
export async function goldenSet({ model, file }: GoldenRequest): Promise<GoldenSet | undefined> {
  const isBundled = model.path === catalogPath(bundledModelName);
  if (file === undefined && !isBundled) return undefined;
  const predictor = await createPredictor(model);
  try {
    if (file === undefined) return await bundledSet(predictor);
    const rows = await readRows(file, predictor);
    return { source: file, rows, labels: await predict(predictor, rows) };
  } finally {
    await predictor.close();
  }
}

const bundledFile = new URL('../../../../model/flight-delay.golden.json', import.meta.url);

/** Every input that the bundled model has, with the labels of scikit-learn beside them. */
async function bundledSet(predictor: Predictor): Promise<GoldenSet> {
  const known = JSON.parse(await readFile(bundledFile, 'utf8')) as { groups: number[]; labels: number[] };
  const rows = oneHotRows(known.groups);
  const labels = await predict(predictor, rows);
  const wrong = labels.findIndex((label, index) => label !== known.labels[index]);
  if (wrong >= 0 || labels.length !== known.labels.length) {
    throw new OperationError('The bundled model does not predict here what it was trained to', {
      code: 'GOLDEN_LOCAL',
      why: `Golden row ${wrong + 1}: scikit-learn said ${known.labels[wrong]}, the local model says ${labels[wrong]}. Nothing was deployed.`,
      actions: ['Install mlops again: its model file or ONNX Runtime is damaged'],
    });
  }
  return { source: `the ${formatCount(rows.length)} rows of the bundled model`, rows, labels };
}

async function predict(predictor: Predictor, rows: readonly (readonly number[])[]): Promise<readonly Label[]> {
  const { labels } = await predictor.predict(Float32Array.from(rows.flat()), rows.length);
  return labels;
}

async function readRows(file: string, { features, inputType, model }: Predictor): Promise<number[][]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = hasCode(error, 'ENOENT');
    throw new UsageError(`The golden rows ${file} cannot be read`, {
      code: missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      why: missing ? 'No such file.' : describeError(error),
      cause: error,
    });
  });
  const { featureNames } = model.signature;
  const parser = rowParser(formatOfName(file), { features, inputType, ...(featureNames && { featureNames }) });
  const rows: number[][] = [];
  const chunks = [() => parser.push(text), () => parser.end()];
  for (const chunk of chunks) for (const { values } of chunk()) rows.push([...values]);
  if (rows.length === 0) throw new UsageError(`The golden rows ${file} are empty`, { code: 'NO_ROWS' });
  if (rows.length > mostRows) {
    throw new UsageError(`The golden rows ${file} are too many`, {
      code: 'TOO_MANY_ROWS',
      why: `${formatCount(rows.length)} rows; at most ${formatCount(mostRows)} are asked at every deploy.`,
    });
  }
  return rows;
}
