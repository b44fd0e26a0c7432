import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../../../../src/lib/server/http/problem.js';
import { parseRows } from '../../../../src/lib/server/rows/parse.js';
import { RowPool } from '../../../../src/lib/server/rows/row-pool.js';
import type { RowShape } from '../../../../src/lib/server/rows/row-shape.js';

const shape: RowShape = { features: 3, featureNames: undefined, wholeNumbers: false, maxRows: 4 };

function rowsOf(body: string | Buffer, overrides: Partial<RowShape> = {}) {
  const { values, count } = parseRows(Buffer.from(body), { ...shape, ...overrides }, new RowPool(3));
  return { values: [...values], count };
}

function problemOf(body: string | Buffer, overrides: Partial<RowShape> = {}): HttpProblem {
  try {
    parseRows(Buffer.from(body), { ...shape, ...overrides }, new RowPool(3));
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
  throw new Error(`accepted ${body}`);
}

describe('rows that are right', () => {
  it.each([
    ['{"array":[1,2,3]}', [1, 2, 3]],
    ['{"array": [1, 2, 3]}', [1, 2, 3]],
    [' \r\n\t{ "array" : [ 1 , 2 , 3 ] } \n', [1, 2, 3]],
    ['{"array":[-1,0,-0]}', [-1, 0, -0]],
    ['{"array":[0.5,-12.25,3e2]}', [0.5, -12.25, 300]],
    [
      '{"array":[0.1,1E-3,123456789012345678901]}',
      [Math.fround(0.1), Math.fround(1e-3), Math.fround(123456789012345680000)],
    ],
    ['{"array":[1e-50,3.4e38,-3.4e38]}', [0, Math.fround(3.4e38), -Math.fround(3.4e38)]],
    ['\uFEFF{"array":[1,2,3]}', [1, 2, 3]],
    ['{"other":{"array":0},"array":[1,2,3],"more":[[[]]]}', [1, 2, 3]],
    ['{"array":[9,9,9],"array":[1,2,3]}', [1, 2, 3]],
    ['{"\\u0061rray":[1,2,3]}', [1, 2, 3]],
    ['{"__proto__":{"array":[9,9,9]},"array":[1,2,3]}', [1, 2, 3]],
  ])('reads %s', (body, values) => {
    expect(rowsOf(body)).toEqual({ values, count: 1 });
  });

  it('reads several rows', () => {
    expect(rowsOf('{"array":[[1,2,3],[4,5,6]]}')).toEqual({ values: [1, 2, 3, 4, 5, 6], count: 2 });
    expect(rowsOf('{"array": [ [1,2,3] ,\n[4,5,6e0] ] }')).toEqual({ values: [1, 2, 3, 4, 5, 6], count: 2 });
    expect(rowsOf('{"array":[[1,2,3]]}').count).toBe(1);
  });

  it('reads whole numbers for a model that takes them', () => {
    expect(rowsOf('{"array":[1,2.0,-3]}', { wholeNumbers: true }).values).toEqual([1, 2, -3]);
  });
});

describe('what is wrong is said, with what was expected', () => {
  it.each([
    ['', 'The body is empty.'],
    ['   ', 'The body is not valid JSON'],
    ['{"array":[1,2,3]', 'The body is not valid JSON'],
    ['{"array":[NaN,2,3]}', 'The body is not valid JSON'],
    ['{"array":[1,Infinity,3]}', 'The body is not valid JSON'],
    ['{"array":[01,2,3]}', 'The body is not valid JSON'],
    ['{"array":[1,2,3,]}', 'The body is not valid JSON'],
    ['{"array":[1.,2,3]}', 'The body is not valid JSON'],
    ['{"array":[+1,2,3]}', 'The body is not valid JSON'],
    ['{"array":[1,2,3]}}', 'The body is not valid JSON'],
    ['{"array":[1,2,3]}\0', 'The body is not valid JSON'],
    ["{'array':[1,2,3]}", 'The body is not valid JSON'],
    ['null', 'The body is null.'],
    ['42', 'The body is 42.'],
    ['"array"', 'The body is the string "array".'],
    ['[1,2,3]', 'The body is a list.'],
    ['{}', "The body has no 'array', it has no keys at all."],
    ['{"arrays":[1,2,3]}', `The body has no 'array', it has "arrays".`],
    ['{"__proto__":{"array":[1,2,3]}}', `The body has no 'array', it has "__proto__".`],
    ['{"array":null}', "'array' is null."],
    ['{"array":"1,2,3"}', `'array' is the string "1,2,3".`],
    ['{"array":{"0":1}}', "'array' is an object."],
    ['{"array":[]}', "'array' is empty."],
    ['{"array":[1,2]}', "'array' has 2 elements, not 3."],
    ['{"array":[1]}', "'array' has 1 element, not 3."],
    ['{"array":[1,2,3,4]}', "'array' has 4 elements, not 3."],
    ['{"array":[1,"2",3]}', 'Column 2 is the string "2", not a number.'],
    ['{"array":[1,2,null]}', 'Column 3 is null, not a number.'],
    ['{"array":[true,2,3]}', 'Column 1 is true, not a number.'],
    ['{"array":[1,2,{}]}', 'Column 3 is an object, not a number.'],
    ['{"array":[1,2,[3]]}', "'array' mixes numbers and rows: element 3 is a list."],
    ['{"array":[1,1e39,3]}', 'Column 2 is larger than a 32-bit float can hold (3.4e38).'],
    ['{"array":[1,-1e999,3]}', 'Column 2 is larger than a 32-bit float can hold (3.4e38).'],
    ['{"array":[[]]}', 'Row 1 has 0 elements, not 3.'],
    ['{"array":[[1,2,3],[4,5]]}', 'Row 2 has 2 elements, not 3.'],
    ['{"array":[[1,2,3],4]}', "'array' mixes rows and other things: row 2 is 4."],
    ['{"array":[[1,2,3],[4,"x",6]]}', 'Row 2, column 2 is the string "x", not a number.'],
    ['{"array":[[[1,2,3]]]}', 'Row 1 has 1 element, not 3.'],
    ['{"array":[[1,2,[3]]]}', 'Row 1, column 3 is a list, not a number.'],
  ])('%j', (body, found) => {
    const { status, message } = problemOf(body);
    expect(status).toBe(400);
    expect(message.slice(0, found.length)).toBe(found);
    expect(message).toContain('Expected {"array": [3 numbers]}, or {"array": [[3 numbers], ...]} for several rows');
  });

  it('names the column when the model knows its names', () => {
    const { message } = problemOf('{"array":[[1,2,null]]}', { featureNames: ['a', 'b', 'MES_7'] });
    expect(message).toContain('Row 1, column 3 (MES_7) is null');
  });

  it('refuses fractions for a model of whole numbers', () => {
    expect(problemOf('{"array":[1,2.5,3]}', { wholeNumbers: true }).message).toContain('Column 2 is 2.5');
    expect(problemOf('{"array":[1,1e30,3]}', { wholeNumbers: true }).message).toContain('whole numbers');
  });

  it('refuses bytes that are not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from('","array":[1,2,3]}')]);
    expect(problemOf(body).message).toContain('The body is not UTF-8.');
    expect(problemOf(Buffer.from('{"array":[1,2,3]}', 'utf16le')).status).toBe(400);
  });

  it('names the limit for too many rows', () => {
    const body = JSON.stringify({ array: Array.from({ length: 5 }, () => [1, 2, 3]) });
    expect(problemOf(body)).toMatchObject({ status: 413, message: expect.stringContaining('serve.limits.queue') });
  });

  it('does not repeat long input, and survives a megabyte of nesting', () => {
    expect(problemOf(`{"array":[1,"${'x'.repeat(100_000)}",3]}`).message.length).toBeLessThan(300);
    expect(problemOf('['.repeat(2 ** 20)).message).toContain('not valid JSON');
    expect(problemOf('['.repeat(2 ** 19) + ']'.repeat(2 ** 19)).message).toContain('The body is a list.');
    expect(problemOf(`{"array":${'['.repeat(5e5)}${']'.repeat(5e5)}}`).message).toContain('Row 1 has 1 element');
    expect(problemOf('{"a":'.repeat(1e5)).status).toBe(400);
  });
});
