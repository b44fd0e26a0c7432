import { describe, expect, test } from 'vitest';
import { formatOfName, type RowFormat, rowParser } from '../../../../src/lib/inference/rows/format.js';
import type { RowShape } from '../../../../src/lib/inference/rows/row.js';
import { errorOf } from '../../../support/errors.js';

const shape: RowShape = { features: 2, featureNames: ['a', 'b'], inputType: 'float32' };

/** Fed whole, and character by character: where a chunk ends must not matter. */
function rows(text: string, format?: RowFormat) {
  const whole = rowParser(format, shape);
  const result = [...whole.push(text), ...whole.end()];
  const split = rowParser(format, shape);
  const pieces = [...text].flatMap((character) => [...split.push(character)]);
  expect([...pieces, ...split.end()]).toEqual(result);
  return result;
}

const values = (text: string, format?: RowFormat) => rows(text, format).map((row) => row.values);

describe('JSON rows', () => {
  test.each<[string, string, number[][]]>([
    ['one row', '[1, 2]', [[1, 2]]],
    [
      'several rows',
      '[[1, 2], [3, 4]]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['the body of POST /api', '{"array": [1, 2]}', [[1, 2]]],
    [
      'that with several rows',
      '{"array": [[1, 2], [3, 4]]}',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'a document of several lines',
      '{\n "array": [\n  [1, 2],\n  [3, 4]\n ]\n}\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'JSON lines',
      '[1, 2]\n\n{"array": [3, 4]}\n[[5, 6], [7, 8]]',
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ],
    ],
    ['empty lines first', '\n\n [1,\n 2]\n', [[1, 2]]],
  ])('%s', (_, text, expected) => {
    expect(values(text, 'json')).toEqual(expected);
    expect(values(text)).toEqual(expected);
  });

  test('rows of JSON lines know their line', () => {
    expect(rows('[1, 2]\n\n[3, 4]\n', 'jsonl').map(({ line }) => line)).toEqual([1, 3]);
  });

  test.each<[string, string, RowFormat, string]>([
    ['a broken line', '[1, 2]\n[1,\n', 'jsonl', 'line 2: not JSON'],
    ['a document spread over lines given as JSON lines', '[1,\n2]', 'jsonl', 'line 1: not JSON'],
    ['a broken document', '{"array": [1,', 'json', 'line 1: not JSON'],
    ['another object', '{"rows": [1, 2]}', 'json', 'line 1: expected a list of numbers'],
    ['null', 'null', 'json', 'expected a list of numbers'],
    ['array: null', '{"array": null}', 'json', 'expected a list of numbers'],
    ['no numbers', '[]', 'json', 'line 1: 0 values, the model takes 2'],
    ['a short row among others', '[[1, 2], [3]]', 'json', 'line 1, row 2: 1 value, the model takes 2'],
    ['a string', '[[1, 2], [3, "4"]]', 'json', 'line 1, row 2, column 2 (b): "4" is not a number'],
    ['null for a number', '[null, 2]', 'jsonl', 'column 1 (a): null is not a number'],
    ['nested too deep', '[[[1, 2]], [[1, 2]]]', 'json', 'row 1: 1 value'],
    ['a number and a row', '[1, [2]]', 'json', 'column 2 (b): [2] is not a number'],
    ['too large', '[1, 1e39]', 'json', 'too large for float32'],
  ])('%s', async (_, text, format, message) => {
    const error = await errorOf(() => rows(text, format));
    expect(error.code).toBe('INVALID_ROWS');
    expect(error.message).toContain(message);
  });

  test('a document that never ends does not collect the whole input', async () => {
    const parser = rowParser('json', shape);
    const piece = ' '.repeat(2 ** 22);
    const error = await errorOf(() => {
      for (let i = 0; i < 20; i++) [...parser.push(piece)];
    });
    expect(error.message).toContain('64.0 MiB');
  });
});

test('without a format the first character decides', () => {
  expect(values('1,2\n')).toEqual([[1, 2]]);
  expect(values(' a,b\n1,2\n')).toEqual([[1, 2]]);
  expect(values(' \n')).toEqual([]);
});

test.each([
  ['rows.CSV', 'csv'],
  ['rows.tsv', 'tsv'],
  ['a/rows.json', 'json'],
  ['rows.ndjson', 'jsonl'],
  ['rows.txt', undefined],
  ['-', undefined],
])('%s is %s', (name, format) => {
  expect(formatOfName(name)).toBe(format);
});
