import type { SqlToken } from '../../../src/lib/warehouse/redshift/sql-scan.js';
import { RefusedSql } from './refused.js';
import { readType } from './types.js';

export interface TableDefinition {
  readonly name: string;
  readonly isOptional: boolean;
  /** For PostgreSQL. */
  readonly statements: readonly string[];
}

/**
 * CREATE TABLE for PostgreSQL: a VARCHAR is limited in bytes by a check, its width stands in a comment for the catalog, and
 * keys are left out, because Redshift takes them and does not enforce them.
 */
export function createTable(tokens: readonly SqlToken[]): TableDefinition {
  const words = tokens.map(({ text }) => text);
  const open = words.indexOf('(');
  const head = words.slice(0, open).map((word) => word.toLowerCase());
  const isOptional = head.includes('exists');
  const name = words.slice(head.lastIndexOf(isOptional ? 'exists' : 'table') + 1, open).join('');
  const isTemporary = head[1] === 'temp' || head[1] === 'temporary';
  const columns = splitColumns(words.slice(open + 1, closing(words, open))).filter(
    ([first]) => !/^(primary|unique|foreign)$/i.test(first ?? ''),
  );
  const comments: string[] = [];
  const list = columns.map(([column = '', ...rest]) => {
    const definition = rest.join(' ');
    const match = /^(.*?)( not null| null)?( primary key| unique)?$/i.exec(definition);
    const { stored, width } = readType(match?.[1] ?? definition);
    if (width !== undefined) comments.push(`COMMENT ON COLUMN ${name}.${column} IS '${width}'`);
    const limit =
      width === undefined
        ? ''
        : ` CONSTRAINT "value too long for type character varying(${width}) ${column.replaceAll('"', '')}" CHECK (octet_length(${column}) <= ${width})`;
    return `${column} ${stored}${match?.[2] ?? ''}${limit}`;
  });
  if (list.length === 0) throw new RefusedSql('a table needs columns');
  const create = `CREATE ${isTemporary ? 'TEMP ' : ''}TABLE ${name} (${list.join(', ')})`;
  return { name, isOptional, statements: [create, ...comments] };
}

function closing(words: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < words.length; at += 1) {
    if (words[at] === '(') depth += 1;
    if (words[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  throw new RefusedSql('syntax error at end of input');
}

function splitColumns(words: readonly string[]): string[][] {
  const columns: string[][] = [[]];
  let depth = 0;
  for (const word of words) {
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    if (word === ',' && depth === 0) columns.push([]);
    else columns.at(-1)?.push(word);
  }
  return columns;
}
