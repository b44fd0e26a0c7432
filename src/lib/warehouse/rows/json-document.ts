import type { QueryValue } from '../types.js';

/** What only a number can be that a double does not hold: texts with such digits are parsed in the slow way for nothing. */
const mayBeWide = /\d{16}|[eE][+-]?\d{2}/;

/**
 * A document as JSON. A number in it that a double cannot hold stays the text it is, as in a column; so does all of what is no
 * JSON, because DuckDB takes NaN and Infinity for it.
 */
export function jsonDocument(text: string): QueryValue {
  try {
    return JSON.parse(text, mayBeWide.test(text) ? (exactOrText as never) : undefined) as QueryValue;
  } catch {
    return text;
  }
}

/** With the text of the value: https://tc39.es/proposal-json-parse-with-source/ */
function exactOrText(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  const isWhole = /^-?\d+$/.test(source);
  return Number.isFinite(value) && (!isWhole || Number.isSafeInteger(value)) ? value : source;
}
