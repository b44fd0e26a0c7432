import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { oneHotRows } from '../../../src/lib/load-test/rows.js';

const known = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'model', 'flight-delay.golden.json'), 'utf8'),
) as { groups: number[]; labels: number[] };

/** What scikit-learn says about every input that the bundled model has. */
export const goldenLabels: readonly number[] = known.labels;

/** What a server says about them: all in one request, or one request each. */
export async function askGolden(url: string, how: 'together' | 'one by one'): Promise<number[]> {
  const rows = oneHotRows(known.groups);
  const ask = async (array: unknown) => {
    const response = await fetch(`${url}/api`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ array }),
    });
    return ((await response.json()) as { predicciones: number[] }).predicciones;
  };
  if (how === 'together') return await ask(rows);
  const answers: number[] = [];
  for (const row of rows) answers.push(...(await ask(row)));
  return answers;
}
