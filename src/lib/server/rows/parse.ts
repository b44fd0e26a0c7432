import { isUtf8 } from 'node:buffer';
import { HttpProblem } from '../http/problem.js';
import type { RowPool } from './row-pool.js';
import type { RowShape, Rows } from './row-shape.js';
import { scanRows } from './scan.js';
import { expected, validateRows } from './validate.js';

/** The body of a prediction request -> its rows. Throws HttpProblem (400, 413), see `validateRows`. */
export function parseRows(body: Buffer, shape: RowShape, pool: RowPool): Rows {
  return scanRows(body, shape, pool) ?? validateRows(parseJson(body, shape), shape);
}

function parseJson(body: Buffer, shape: RowShape): unknown {
  if (body.length === 0) throw new HttpProblem(400, `The body is empty. ${expected(shape)}`);
  if (!isUtf8(body)) throw new HttpProblem(400, `The body is not UTF-8. ${expected(shape)}`);
  try {
    // V8's parser keeps its own stack, so no depth of nesting overflows it. A byte order mark is ignored, as RFC 8259
    // section 8.1 allows, because some Windows clients send one.
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'syntax error';
    throw new HttpProblem(400, `The body is not valid JSON (${reason}). ${expected(shape)}`);
  }
}
