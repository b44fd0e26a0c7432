import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures', 'pickles');

/** What scikit-learn answers for a pickle of test/fixtures/pickles; written by generate.py. */
export interface ExpectedPickle {
  readonly sklearn: string;
  readonly numpy: string;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly (number | string)[];
  readonly probabilities: readonly (readonly number[])[];
  readonly classes: readonly (number | string)[];
  readonly featureNames: readonly string[] | null;
}

export const expectedPickles: ReadonlyMap<string, ExpectedPickle> = new Map(
  Object.entries(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))),
);

export function picklePath(name: string): string {
  return join(folder, name);
}

export function pickleFixture(name: string): Buffer {
  return readFileSync(picklePath(name));
}
