import { describe, expect, test } from 'vitest';
import { CsvSplitter } from '../../../../src/lib/inference/rows/csv-records.js';
import { csvRowParser } from '../../../../src/lib/inference/rows/csv-rows.js';
import type { RowShape } from '../../../../src/lib/inference/rows/row.js';
import { errorOf } from '../../../support/errors.js';

/** Fed whole, and character by character: where a chunk ends must not matter. */
function records(text: string): { cells: readonly string[]; line: number }[] {
  const whole = new CsvSplitter();
  const result = [...whole.push(text), ...whole.end()];
  const split = new CsvSplitter();
  const pieces = [...text].flatMap((character) => [...split.push(character)]);
  expect([...pieces, ...split.end()]).toEqual(result);
  return result;
}

describe('CsvSplitter', () => {
  test.each<[string, string, string[][]]>([
    [
      'rows with and without a last line end',
      '1,2\n3,4',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'Windows line ends',
      '1,2\r\n3,4\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'empty lines',
      '\n1,2\n\n \n3,4\n\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['empty cells', ',\n', [['', '']]],
    ['quotes', '"a,b","c""d"\n', [['a,b', 'c"d']]],
    [
      'a line end in quotes',
      '"a\nb",1\n2,3\n',
      [
        ['a\nb', '1'],
        ['2', '3'],
      ],
    ],
    ['an empty quoted cell at the end', '1,""\n', [['1', '']]],
    ['a delimiter at the end', '"1",\n', [['1', '']]],
  ])('%s', (_, text, expected) => {
    expect(records(text).map(({ cells }) => cells)).toEqual(expected);
  });

  test('lines are counted through empty lines and quoted line ends', () => {
    expect(records('a\n\n"b\nc"\nd\n').map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  test.each(['"a"b,c\n', '1,"open\n', '"a" ,b\n'])('%j is refused with its line', async (text) => {
    expect((await errorOf(() => records(text))).message).toContain('line 1, column');
  });

  test('a stray quote does not collect the whole input', async () => {
    const splitter = new CsvSplitter();
    const piece = 'x'.repeat(2 ** 20);
    const error = await errorOf(() => {
      [...splitter.push('"')];
      for (let i = 0; i < 10; i++) [...splitter.push(piece)];
    });
    expect(error.message).toContain('4.0 MiB');
  });
});

const shape: RowShape = { features: 3, inputType: 'float32' };
const named: RowShape = { ...shape, featureNames: ['a', 'b', 'größe, cm'] };

function rows(text: string, of: RowShape = shape, delimiter = ',') {
  const parser = csvRowParser(of, delimiter);
  return [...parser.push(text), ...parser.end()].map(({ values }) => values);
}

describe('csvRowParser', () => {
  test('numbers in every notation', () => {
    expect(rows('1, -2.5 ,+3e-2\n.5,1.,1E3\n')).toEqual([
      [1, -2.5, 0.03],
      [0.5, 1, 1000],
    ]);
    expect(rows('1\t2\t3\n', shape, '\t')).toEqual([[1, 2, 3]]);
  });

  test('a header is skipped when the model knows no names', () => {
    expect(rows('x,y,z\n1,2,3\n')).toEqual([[1, 2, 3]]);
  });

  test('the columns of a header may come in any order', () => {
    expect(rows('"größe, cm",a, b \n3,1,2\n', named)).toEqual([[1, 2, 3]]);
  });

  test('numbered columns are a header by position', () => {
    expect(rows('0,1,2\n7,8,9\n', named)).toEqual([[7, 8, 9]]);
  });

  test.each<[string, string, RowShape, string]>([
    ['too few values', '1,2,3\n1,2\n', shape, 'line 2: 2 values, the model takes 3'],
    ['too many', '1,2,3,4\n', shape, 'line 1: 4 values, the model takes 3'],
    ['one value', '1\n', shape, 'line 1: 1 value, the model'],
    ['text', '1,2,3\n1,x\u001b[2J,3\n', shape, "line 2, column 2: 'x?[2J' is not a number"],
    ['a named column', 'b,a,"größe, cm"\n1,x,3\n', named, "line 2, column 2 (a): 'x' is not a number"],
    ['an empty cell', '1,,3\n', shape, 'line 1, column 2: empty'],
    ['NaN', '1,2,3\nNaN,2,3\n', shape, "column 1: 'NaN' is not a number"],
    ['a decimal comma', '1;2;3\n', shape, 'line 1: 1 value'],
    ['hexadecimal', '1,2,3\n0x10,2,3\n', shape, 'is not a number'],
    ['too large', '1,2,1e39\n', shape, '1e+39 is too large for float32'],
    ['infinite', '1,2,1e999\n', shape, 'not a finite number'],
    ['another header', 'a,b,size\n1,2,3\n', named, "the header lacks 'größe, cm' and has 'size'"],
    ['a name twice', 'a,b,b\n1,2,3\n', named, 'a name twice'],
    ['a fraction for integers', '1,2,0.5\n', { ...shape, inputType: 'int64' }, '0.5 is not a whole number'],
    ['an integer that float32 cannot hold', '1,2,16777217\n', { ...shape, inputType: 'int64' }, 'up to 2^24'],
  ])('%s', async (_, text, of, message) => {
    const error = await errorOf(() => rows(text, of));
    expect(error).toMatchObject({ code: 'INVALID_ROWS', exitCode: 2 });
    expect(error.message).toContain(message);
  });
});
