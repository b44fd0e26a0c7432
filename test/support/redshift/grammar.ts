import { meaningful, type SqlToken, scanSql } from '../../../src/lib/warehouse/redshift/sql-scan.js';
import { RefusedSql } from './refused.js';

/**
 * What of SQL the stand-in lets through, written down from the documentation: a statement of another kind, a word that
 * begins a clause Redshift does not have, or a function that is not listed is refused, also where PostgreSQL would take it.
 */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['set', /^set timezone to TEXT$/],
  ['lock', /^lock (table )?NAME( , NAME)*$/],
  ['create table', /^create (temp |temporary )?table (if not exists )?NAME \( .* \)( distkey \( NAME \))?$/],
  ['create table as', /^create (temp |temporary )?table NAME( distkey \( NAME \))? as (select|with) .*$/],
  ['create schema', /^create schema (if not exists )?NAME$/],
  ['create user', /^create user NAME password disable$/],
  ['grant', /^grant [a-z]+( , [a-z]+)* on (schema |table )?NAME( , NAME)* to NAME$/],
  [
    'copy',
    /^copy NAME \( .* \) from TEXT iam_role (default|TEXT) manifest format as json TEXT( timeformat TEXT)?( statupdate off)?( compupdate off)?$/,
  ],
  ['insert', /^insert into NAME( \( .*? \))? (select|with|values) .*$/],
  ['delete', /^delete from NAME( using NAME( , NAME)*)?( where .*)?$/],
  ['update', /^update NAME set .*$/],
  [
    'merge',
    /^merge into NAME using NAME( (as )?NAME)? on NAME = NAME( and NAME = NAME)* (when matched then (update set .*|delete) when not matched then insert( \( .*? \))? values \( .* \)|remove duplicates)$/,
  ],
  ['select', /^(select|with|\() .*$/],
  ['show', /^show .*$/],
  ['explain', /^explain (select|with) .*$/],
];

/** Words that stand for a clause or operator of PostgreSQL which Redshift lacks. */
const refusedWords: Readonly<Record<string, string>> = {
  returning: 'RETURNING',
  conflict: 'ON CONFLICT',
  lateral: 'LATERAL',
  filter: 'FILTER',
  generated: 'GENERATED',
  concurrently: 'CONCURRENTLY',
  jsonb: 'JSONB',
};

const functions = new Set([
  ...['count', 'sum', 'min', 'max', 'avg', 'coalesce', 'octet_length', 'len', 'length', 'trim', 'upper', 'lower'],
  ...[
    'cast',
    'row_number',
    'current_schema',
    'getdate',
    'round',
    'abs',
    'nullif',
    'left',
    'substring',
    'json_serialize',
  ],
]);
/** Words after which a parenthesis is no call. */
const beforeParenthesis = new Set([
  ...[
    'in',
    'as',
    'over',
    'from',
    'join',
    'where',
    'and',
    'or',
    'not',
    'values',
    'insert',
    'on',
    'select',
    'by',
    'then',
    'when',
  ],
  ...['varchar', 'decimal', 'numeric', 'char', 'distkey', 'key', 'exists', 'else', 'case', 'union', 'all', 'table'],
]);

export interface CheckedSql {
  readonly kind: string;
  readonly tokens: readonly SqlToken[];
}

/** Throws RefusedSql. */
export function checkGrammar(sql: string): CheckedSql {
  const tokens = meaningful(scanSql(sql)).filter(({ text }, at, all) => text !== ';' || at < all.length - 1);
  const several = tokens.find(({ text }) => text === ';');
  if (several !== undefined) throw new RefusedSql('Multiple SQL statements are not allowed');
  const [kind] = kinds.find(([, pattern]) => pattern.test(shape(tokens))) ?? [];
  if (kind === undefined) {
    const near = tokens.slice(0, 3).map(({ text }) => text);
    throw new RefusedSql(`syntax error at or near "${near.join(' ')}"`);
  }
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const word = token.text.toLowerCase();
    const clause = refusedWords[word];
    if (clause !== undefined) throw new RefusedSql(`syntax error at or near "${clause}"`);
    const isCall = tokens[at + 1]?.text === '(' && kind !== 'create table' && kind !== 'copy';
    const previous = tokens[at - 1]?.text.toLowerCase();
    const isName = previous === 'into' || previous === 'table' || previous === 'join';
    if (isCall && !isName && !functions.has(word) && !beforeParenthesis.has(word)) {
      throw new RefusedSql(`function ${word}() does not exist`, '42883');
    }
  }
  return { kind, tokens };
}

/** The statement as one line of lower-case words, with NAME for what is called somehow and TEXT for a literal. */
function shape(tokens: readonly SqlToken[]): string {
  const words: string[] = [];
  for (const [at, { kind, text }] of tokens.entries()) {
    const isQualified = text === '.' || tokens[at - 1]?.text === '.';
    if (isQualified) {
      if (text === '.' && words.length > 0) words[words.length - 1] = 'NAME';
      continue;
    }
    words.push(kind === 'quoted' || isOurs(text) ? 'NAME' : kind === 'text' ? 'TEXT' : text.toLowerCase());
  }
  return words.join(' ');
}

/** Names without quotes, as our statements and the tests write them. */
function isOurs(text: string): boolean {
  return /^(mlops_\w+|t|s|b|target|source|people)$/.test(text);
}
