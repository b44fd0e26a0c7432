import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../../../../src/lib/server/http/problem.js';
import { RowPool } from '../../../../src/lib/server/rows/row-pool.js';
import type { RowShape, Rows } from '../../../../src/lib/server/rows/row-shape.js';
import { scanRows } from '../../../../src/lib/server/rows/scan.js';
import { validateRows } from '../../../../src/lib/server/rows/validate.js';
import { between, pick, seeded } from '../../../support/random.js';

const shape: RowShape = { features: 4, featureNames: undefined, wholeNumbers: false, maxRows: 6 };
const pool = new RowPool(4);

/** Rows, or the status of the refusal. */
function outcome(read: () => Rows | undefined): Rows | number | undefined {
  try {
    return read();
  } catch (error) {
    return error instanceof HttpProblem ? error.status : 400;
  }
}

function slow(text: string, rowShape: RowShape): Rows | number | undefined {
  return outcome(() => validateRows(JSON.parse(text), rowShape));
}

describe('the fast path', () => {
  it.each([
    '{"array":[0,1,0,0]}',
    '{"array": [0, 1, 0, 0]}',
    '{"array":[[0,1,0,0],[1,0,0,0]]}',
    '{"array": [[0.25, -1, 0, 123456789012345], [1, 0, 0, 0.000001]]}',
    '{"array":[0,1,0,0]}\n',
  ])('takes %s', (body) => {
    expect(scanRows(Buffer.from(body), shape, pool)).toEqual(slow(body, shape));
    expect(scanRows(Buffer.from(body), shape, pool)).toBeDefined();
  });

  it('agrees with JSON.parse, or says nothing, for 20,000 random texts', () => {
    const random = seeded(37);
    let taken = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = random() < 0.7 ? almostRight(random) : mutated(almostRight(random), random);
      const rowShape = { ...shape, wholeNumbers: random() < 0.2 };
      const fast = outcome(() => scanRows(Buffer.from(text), rowShape, pool));
      if (fast === undefined) continue;
      if (typeof fast === 'object') taken++;
      const expected = slow(text, rowShape);
      // A refusal without reading on cannot know that the rest is no JSON.
      if (fast === 413) expect([413, 400]).toContain(expected);
      // `toEqual` tells 0 from -0, and two floats one bit apart.
      else expect({ text, rows: fast }).toEqual({ text, rows: expected });
    }
    expect(taken).toBeGreaterThan(4_000);
  });
});

function almostRight(random: () => number): string {
  const space = () => pick(random, ['', '', '', ' ', '\n', '\t ']);
  const list = (items: string[]) => `[${items.map((item) => `${space()}${item}${space()}`).join(',')}]`;
  const row = () => list(Array.from({ length: random() < 0.95 ? 4 : between(random, 0, 6) }, () => number(random)));
  const array = random() < 0.5 ? row() : list(Array.from({ length: between(random, 1, 7) }, row));
  return `{"array":${space()}${array}${space()}}${space()}`;
}

function number(random: () => number): string {
  const digits = (count: number) => Array.from({ length: count }, () => String(between(random, 0, 9))).join('');
  const whole = random() < 0.6 ? pick(random, ['0', '1']) : `${between(random, 1, 9)}${digits(between(random, 0, 17))}`;
  const fraction = random() < 0.2 ? `.${digits(between(random, 1, 16))}` : '';
  const exponent = random() < 0.01 ? `e${between(random, -40, 40)}` : '';
  return `${random() < 0.1 ? '-' : ''}${whole}${fraction}${exponent}`;
}

/** One character replaced, removed or doubled. */
function mutated(text: string, random: () => number): string {
  const at = between(random, 0, text.length - 1);
  const character = pick(random, ['', text[at]?.repeat(2) ?? '', ',', ']', '[', '}', '-', '.', '0', '"', ' ', 'e']);
  return text.slice(0, at) + character + text.slice(at + 1);
}

describe('the memory of single rows', () => {
  it('is never handed out twice', () => {
    const rows = new RowPool(3);
    const taken = Array.from({ length: 100 }, (_, index) => rows.take().fill(index));
    expect(taken.map((row) => [...row])).toEqual(taken.map((_, index) => [index, index, index]));
  });
});
