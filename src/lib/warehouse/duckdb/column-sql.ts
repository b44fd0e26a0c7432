import { instantPattern, outOfRange } from '../sources/instant.js';
import { noNumber, numberPattern } from '../sources/record-rules.js';
import { quoteIdentifier } from '../sql/identifier.js';
import { type Column, maxIdBytes } from '../table.js';

/** Something that makes a value none of ours, as SQL, and what it is called: `Its <column> <why>`. */
export interface Problem {
  readonly when: string;
  readonly why: string;
}

/** A column of a file as SQL: what is wrong with its values, and what they are when nothing is. */
export interface ColumnSql {
  readonly name: string;
  /** As it is in the file, for messages. */
  readonly raw: string;
  readonly problems: readonly Problem[];
  /** Of the column's type. Only what has no problem may be asked for it. */
  readonly value: string;
}

/** The value, or an error: nothing that does not fit is rounded, cut or passed over. */
export function orError({ name, problems, value }: ColumnSql): string {
  if (problems.length === 0) return value;
  const cases = problems.map(({ when, why }) => `WHEN ${when} THEN error('Its ${name} ${why}')`);
  return `CASE ${cases.join(' ')} ELSE ${value} END`;
}

/** Both; the second is computed only where the first holds. DuckDB computes both sides of an AND for every row. */
export function andThen(first: string, second: string): string {
  return `CASE WHEN ${first} THEN ${second} ELSE FALSE END`;
}

/** What every record has to have. */
export function requiredProblems({ kind, isRequired }: Column, value: string): readonly Problem[] {
  if (!isRequired) return [];
  if (kind !== 'id') return [{ when: `${value} IS NULL`, why: 'is missing' }];
  return [
    { when: `${value} IS NULL OR ${value} = ''`, why: 'is missing' },
    {
      when: `ends_with(${value}, ' ')`,
      why: 'ends with a blank, which not every warehouse tells from the one without',
    },
    { when: `strlen(${value}) > ${maxIdBytes}`, why: `has more than ${maxIdBytes} bytes` },
  ];
}

/** What is an instant and no day that there is not, such as 30 February, which the cast finds. */
export function instant(name: string, raw: string, text: string): ColumnSql {
  const problems = [
    { when: `NOT regexp_full_match(${text}, '${instantPattern}')`, why: 'is no instant' },
    // Only an instant of the first or the last days has to be looked at: a comparison of texts is quick, a cast is not.
    {
      when: `(${text} < '0001-01-03' OR ${text} >= '9999-12-30') AND ${isBeyond(utc(text, 'TRY_CAST'))}`,
      why: outOfRange,
    },
  ];
  return { name, raw, problems, value: utc(text, 'CAST') };
}

/** Whether a timestamp in UTC is one that not every warehouse has. */
export function isBeyond(timestamp: string): string {
  return `year(${timestamp}) NOT BETWEEN 1 AND 9999`;
}

/**
 * Text -> TIMESTAMP in UTC. What ends with Z, as all of ours does, takes the cast that is ten times faster. Both casts want
 * seconds.
 */
export function utc(text: string, cast: 'CAST' | 'TRY_CAST'): string {
  const hasSeconds = `substr(${text}, 17, 1) = ':'`;
  const whole = `CASE WHEN ${hasSeconds} THEN ${text}
    WHEN substr(${text}, 14, 1) = ':' AND substr(${text}, 11, 1) IN ('T', ' ') THEN left(${text}, 16) || ':00' || substr(${text}, 17)
    ELSE left(${text}, 10) || ' 00:00:00' || substr(${text}, 11) END`;
  return `CASE WHEN suffix(${text}, 'Z') AND ${hasSeconds} THEN ${cast}(${text} AS TIMESTAMP)
    ELSE ${cast}(${whole} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END`;
}

/**
 * A number that is written as text. DuckDB's own casts round 16000.5 to a whole number, and make infinity of 1e999.
 * @param isJson then it is one of JSON, or something else of JSON; in CSV a text may be anything, and DuckDB reads 1_000 and 0x10
 */
export function writtenNumber({ name, kind }: Column, raw: string, text: string, isJson: boolean): ColumnSql {
  const double = `TRY_CAST(${text} AS DOUBLE)`;
  const isOne = kind === 'integer' ? `TRY_CAST(${text} AS INTEGER) = ${double}` : `isfinite(${double})`;
  const isWritten = isJson ? '' : `NOT regexp_full_match(${text}, '${numberPattern}') OR `;
  const when = `${text} IS NOT NULL AND (${isWritten}NOT coalesce(${isOne}, FALSE))`;
  const value = `${text}::${kind === 'integer' ? 'INTEGER' : 'DOUBLE'}`;
  return { name, raw, problems: [{ when, why: noNumber(kind) }], value };
}

/** DuckDB's JSON has numbers that JSON has not. What is in quotes is no number. */
export function notFinite(json: string): Problem {
  const names = (text: string) => `(contains(${text}, 'NaN') OR contains(${text}, 'Infinity'))`;
  const withoutTexts = String.raw`regexp_replace(${json}, '"(\\.|[^"\\])*"', '""', 'g')`;
  return { when: andThen(names(json), names(withoutTexts)), why: 'has a number in it that JSON does not have' };
}

export function quoted({ name }: Pick<Column, 'name'>): string {
  return quoteIdentifier(name);
}
