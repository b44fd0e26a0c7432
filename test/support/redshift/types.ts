import { RefusedSql } from './refused.js';

export interface ColumnType {
  /** As svv_columns calls it. */
  readonly catalog: string;
  /** In PostgreSQL. */
  readonly stored: string;
  /** Bytes of a VARCHAR. */
  readonly width: number | undefined;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html, as far as tables of ours use them. */
const plain: Readonly<Record<string, readonly [catalog: string, stored: string]>> = {
  smallint: ['smallint', 'smallint'],
  integer: ['integer', 'integer'],
  int: ['integer', 'integer'],
  bigint: ['bigint', 'bigint'],
  'double precision': ['double precision', 'double precision'],
  real: ['real', 'real'],
  boolean: ['boolean', 'boolean'],
  date: ['date', 'date'],
  timestamp: ['timestamp without time zone', 'timestamp'],
  timestamptz: ['timestamp with time zone', 'timestamptz'],
  super: ['super', 'jsonb'],
};

/** The default of a VARCHAR without a length; https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
const defaultWidth = 256;
const mostBytes = 65_535;

/** Reads a type as Redshift does. What it does not have (JSONB, JSON, SERIAL, UUID, ...) it refuses. */
export function readType(text: string): ColumnType {
  const type = text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/ ?\( ?/, '(')
    .replace(/ ?\)/, ')')
    .trim();
  const known = plain[type];
  if (known !== undefined) return { catalog: known[0], stored: known[1], width: undefined };
  // TEXT is taken, and is a VARCHAR of 256 bytes.
  if (type === 'text') return varchar(defaultWidth);
  const match = /^(?:varchar|character varying)(?:\((\d+|max)\))?$/.exec(type);
  if (match !== null)
    return varchar(match[1] === undefined ? defaultWidth : match[1] === 'max' ? mostBytes : Number(match[1]));
  throw new RefusedSql(`type "${type}" does not exist`, '42704');
}

function varchar(width: number): ColumnType {
  if (width > mostBytes) throw new RefusedSql(`length for type character varying cannot exceed ${mostBytes}`, '22023');
  // The type of PostgreSQL that compares without blanks at the end, and keeps them.
  return { catalog: 'character varying', stored: 'bpchar', width };
}
