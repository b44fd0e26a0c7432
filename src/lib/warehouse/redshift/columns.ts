import { type Column, maxIdBytes, recordColumns } from '../table.js';

/** What a VARCHAR can be at most, in bytes: https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
export const maxTextBytes = 65_535;

/** A column of a table in Redshift that we load. */
export interface RedshiftColumn {
  readonly name: string;
  /** Of the record; what was cut, and how long it was, are columns of Redshift only. */
  readonly kind: Column['kind'] | 'flag';
  readonly isRequired: boolean;
  /** Bytes of a VARCHAR. */
  readonly width?: number | undefined;
}

/** As S3 limits a key, with bucket and scheme. */
const widths: Readonly<Record<string, number>> = { id: maxIdBytes, text: maxTextBytes, source: 2_048 };
const otherWidth = 256;

/** The record as Redshift holds it: after the text whether it was cut, and how many bytes all of it has. */
export const redshiftColumns: readonly RedshiftColumn[] = recordColumns.flatMap(({ name, kind, isRequired }) => {
  const isText = kind === 'id' || kind === 'text' || kind === 'words';
  const column = { name, kind, isRequired, ...(isText ? { width: widths[name] ?? otherWidth } : {}) };
  if (name !== 'text') return [column];
  return [
    column,
    { name: 'text_truncated', kind: 'flag', isRequired: false } as const,
    { name: 'text_bytes', kind: 'integer', isRequired: false } as const,
  ];
});

export function typeOf({ kind, width }: RedshiftColumn): string {
  switch (kind) {
    case 'timestamp':
      return 'TIMESTAMP';
    case 'seconds':
      return 'DOUBLE PRECISION';
    case 'integer':
      return 'INTEGER';
    case 'json':
      return 'SUPER';
    case 'flag':
      return 'BOOLEAN';
    default:
      return `VARCHAR(${width ?? otherWidth})`;
  }
}

/** Types of a table made before that hold the same, as the catalog calls them. */
export const acceptedTypes: Readonly<Record<RedshiftColumn['kind'], readonly string[]>> = {
  id: ['character varying', 'character'],
  text: ['character varying'],
  words: ['character varying'],
  timestamp: ['timestamp without time zone', 'timestamp with time zone'],
  seconds: ['double precision'],
  integer: ['integer', 'bigint'],
  json: ['super'],
  flag: ['boolean'],
};
