import { queryWrites } from '../errors.js';

const readers = [
  'select',
  'with',
  'from',
  'table',
  'values',
  'pivot',
  'unpivot',
  'show',
  'describe',
  'summarize',
  'explain',
];
const known = new Set([...readers, 'desc', '(']);
/** In words, for errors. */
const forms = readers.slice(1).join(', ').toUpperCase();

/**
 * Whether a statement is of the kind that is taken, by its first words. That it does not write, DuckDB itself tells (query.ts); this
 * refuses what both engines refuse: PRAGMA and CALL, which are settings as well as questions, and EXPLAIN ANALYZE, which runs what it
 * explains. Throws `QUERY_WRITES`.
 */
export function assertReads(sql: string): void {
  const words = leadingWords(sql);
  const first = words.next().value ?? '';
  if (!known.has(first)) throw writes(first === '' ? 'It is empty.' : `It begins with ${first.toUpperCase()}.`);
  if (first !== 'explain') return;
  for (const word of words) {
    if (word === 'analyze' || word === 'analyse') throw writes('EXPLAIN ANALYZE runs what it explains.');
    // Only its options come before what is explained, alone or in parentheses.
    if (word !== '(' && word !== ',' && word !== 'verbose' && word !== 'format' && word !== 'json') return;
  }
}

export function writes(why: string): Error {
  return queryWrites(why, forms);
}

/** Words, in lower case, and single characters, without comments, which may stand in each other. */
function* leadingWords(sql: string): Generator<string> {
  const pieces = /\s+|;|--[^\n]*|\/\*|\*\/|[\p{L}_][\p{L}\p{N}_$]*|./gsu;
  let depth = 0;
  for (const [piece] of sql.matchAll(pieces)) {
    if (piece === '/*') depth += 1;
    else if (piece === '*/') depth -= 1;
    else if (depth === 0 && !/^(\s+|;|--.*)$/s.test(piece)) yield piece.toLowerCase();
  }
}
