import { UsageError } from '../base/errors/mlops-error.js';
import type { Model } from '../model/types.js';

/** How many rows are made up for a model whose inputs cannot be enumerated. */
const inventedRows = 512;
const seed = 20_170_101;

/** The bundled model's one-hot groups in the order of its columns: 23 airlines, 2 kinds of flight, 12 months. */
const flightDelayGroups = [23, 2, 12] as const;
const flightDelayPrefixes = ['OPERA_', 'TIPOVUELO_', 'MES_'] as const;

/**
 * The rows a model is asked about under load. For the flight-delay model all 23 x 2 x 12 = 552 inputs that exist; for
 * another, 512 rows from a seeded generator, the same in every run: numbers in [-1, 1) with four decimals for
 * floating-point inputs, 0 or 1 for integers and booleans.
 * Throws UsageError `NO_ROWS` when the signature does not say how long a row is, or when it is not numbers.
 */
export function rowsFor(model: Model): readonly (readonly number[])[] {
  const { inputs, featureNames } = model.signature;
  const [input] = inputs;
  const width = featureNames?.length ?? input?.shape.at(-1) ?? -1;
  if (input === undefined || inputs.length !== 1 || width < 1)
    noRows(model, 'Its signature has no single input with a fixed number of columns.');
  if (input.datatype === 'BYTES') noRows(model, 'It takes text.');
  if (featureNames !== undefined && isFlightDelay(featureNames)) return oneHotRows(flightDelayGroups);
  const random = generator(seed);
  const fractional = input.datatype.startsWith('FP');
  const value = fractional ? () => Math.round((random() * 2 - 1) * 1e4) / 1e4 : () => Math.round(random());
  return Array.from({ length: inventedRows }, () => Array.from({ length: width }, value));
}

/** Every row that has exactly one 1 in each group. */
export function oneHotRows(groups: readonly number[]): number[][] {
  return groups.reduce<number[][]>(
    (rows, size) => rows.flatMap((row) => Array.from({ length: size }, (_, hot) => [...row, ...oneHot(size, hot)])),
    [[]],
  );
}

export function flightDelayRows(): number[][] {
  return oneHotRows(flightDelayGroups);
}

function oneHot(size: number, hot: number): number[] {
  return Array.from({ length: size }, (_, index) => Number(index === hot));
}

function isFlightDelay(names: readonly string[]): boolean {
  const prefixes = flightDelayGroups.flatMap((size, group) =>
    Array<string>(size).fill(flightDelayPrefixes[group] ?? ''),
  );
  return names.length === prefixes.length && names.every((name, index) => name.startsWith(prefixes[index] ?? ''));
}

/** mulberry32: small, seeded and the same everywhere; nothing here needs a better one. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function noRows(model: Model, why: string): never {
  throw new UsageError(`There are no rows to send to ${model.name}`, {
    code: 'NO_ROWS',
    why,
    actions: ['Give a request: mlops load-test --body \'{"array": [1, 2, 3]}\'', 'mlops model inspect'],
  });
}
