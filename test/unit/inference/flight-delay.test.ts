import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPredictor } from '../../../src/lib/inference/session.js';
import { openModel } from '../../../src/lib/model/open.js';

interface Fixture {
  readonly groups: readonly [number, number, number];
  readonly labels: readonly number[];
  readonly probabilities: readonly number[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'model', 'flight-delay.golden.json'), 'utf8'),
);

/** Every input there is: one airline, one kind of flight, one month, the month changing fastest. */
function allRows(): Float32Array {
  const [airlines, kinds, months] = fixture.groups;
  const features = airlines + kinds + months;
  const rows = new Float32Array(airlines * kinds * months * features);
  let start = 0;
  for (let airline = 0; airline < airlines; airline++) {
    for (let kind = 0; kind < kinds; kind++) {
      for (let month = 0; month < months; month++) {
        for (const column of [airline, airlines + kind, airlines + kinds + month]) rows[start + column] = 1;
        start += features;
      }
    }
  }
  return rows;
}

test('the bundled model answers all 552 possible inputs as scikit-learn does, in one batch and one by one', async () => {
  const predictor = await createPredictor(await openModel(undefined, { baseDir: '/' }));
  const rows = allRows();
  expect(rows.length).toBe(552 * predictor.features);
  const batch = await predictor.predict(rows, 552);
  expect(batch.labels).toEqual(fixture.labels);
  expect(new Set(batch.labels)).toEqual(new Set([0, 1]));
  let largest = 0;
  for (const [row, expected] of fixture.probabilities.entries()) {
    const { labels, probabilities } = await predictor.predict(rows.subarray(row * predictor.features), 1);
    expect(labels).toEqual([fixture.labels[row]]);
    for (const values of [probabilities?.values, batch.probabilities?.values.subarray(row * 2)]) {
      largest = Math.max(largest, Math.abs((values?.[1] as number) - expected));
      expect((values?.[0] as number) + (values?.[1] as number)).toBeCloseTo(1, 6);
    }
  }
  await predictor.close();
  // Half a unit in the last place of a float32 just below 1: the only loss is the last cast.
  expect(largest).toBeLessThanOrEqual(2 ** -25);
});
