import { outOfRange } from '../sources/instant.js';
import { noNumber } from '../sources/record-rules.js';
import type { Column } from '../table.js';
import {
  type ColumnSql,
  instant,
  isBeyond,
  notFinite,
  type Problem,
  quoted,
  requiredProblems,
  utc,
} from './column-sql.js';

/**
 * A column of a Parquet file, which has a type of its own. The rules are those of JSON lines: what the column of the table cannot
 * hold exactly is a problem, and so is every value of a type that is another thing. A column of nothing but nulls may have any type.
 * @param type what DuckDB reads it as
 */
export function parquetColumn(column: Column, type: string): ColumnSql {
  const sql = typed(column, type);
  const value = column.kind === 'id' ? `${sql.raw}::VARCHAR` : sql.raw;
  return { ...sql, problems: [...requiredProblems(column, value), ...sql.problems] };
}

const whole = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const fraction = /^(FLOAT|DOUBLE|DECIMAL\(.*)$/;

function typed(column: Column, type: string): ColumnSql {
  const raw = quoted(column);
  const of = (value: string, ...problems: readonly Problem[]): ColumnSql => ({
    ...{ name: column.name, raw, problems, value },
  });
  const another = (why: string, as: string) => of(`NULL::${as}`, { when: `${raw} IS NOT NULL`, why });
  switch (column.kind) {
    case 'timestamp':
      return timestamp(column, type, of) ?? another('is no instant', 'TIMESTAMP');
    case 'seconds':
      return seconds(raw, type, of) ?? another(noNumber('seconds'), 'DOUBLE');
    case 'integer': {
      if (!whole.test(type) && !fraction.test(type)) return another(noNumber('integer'), 'INTEGER');
      const when = `TRY_CAST(${raw} AS INTEGER) IS DISTINCT FROM ${raw}`;
      return of(`${raw}::INTEGER`, { when, why: noNumber('integer') });
    }
    case 'json':
      return json(raw, type, of) ?? another('is no JSON', 'JSON');
    default:
      // Of these there is one way only to write them.
      if (whole.test(type) || ['VARCHAR', 'UUID', 'BOOLEAN'].includes(type)) return of(`${raw}::VARCHAR`);
      return another('is no text', 'VARCHAR');
  }
}

type Make = (value: string, ...problems: readonly Problem[]) => ColumnSql;

/** Without a zone it is UTC, as everywhere. */
function timestamp(column: Column, type: string, of: Make): ColumnSql | undefined {
  const raw = quoted(column);
  const endless = { when: `NOT isfinite(${raw})`, why: 'is no instant' };
  if (type === 'VARCHAR') {
    const { value, problems } = instant(column.name, raw, raw);
    const noDay = { when: `${raw} IS NOT NULL AND ${utc(raw, 'TRY_CAST')} IS NULL`, why: 'is no instant' };
    return of(value, ...problems, noDay);
  }
  const beyond = (timestamp: string) => ({ when: isBeyond(timestamp), why: outOfRange });
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    const value = `${raw} AT TIME ZONE 'UTC'`;
    return of(value, endless, beyond(`(${value})`));
  }
  if (type === 'TIMESTAMP_NS') {
    return of(`${raw}::TIMESTAMP`, endless, {
      when: `epoch_ns(${raw}) % 1000 <> 0`,
      why: 'is finer than a microsecond',
    });
  }
  if (!/^(TIMESTAMP(_S|_MS)?|DATE)$/.test(type)) return undefined;
  return of(`${raw}::TIMESTAMP`, endless, beyond(raw));
}

function seconds(raw: string, type: string, of: Make): ColumnSql | undefined {
  if (type === 'FLOAT' || type === 'DOUBLE') {
    return of(`${raw}::DOUBLE`, { when: `NOT isfinite(${raw})`, why: noNumber('seconds') });
  }
  if (!whole.test(type) && !fraction.test(type)) return undefined;
  const when = `TRY_CAST(${raw}::DOUBLE AS ${type}) IS DISTINCT FROM ${raw}`;
  return of(`${raw}::DOUBLE`, { when, why: 'has more digits than a double holds' });
}

function json(raw: string, type: string, of: Make): ColumnSql | undefined {
  if (type === 'VARCHAR' || type === 'JSON') {
    const text = `nullif(${raw}::VARCHAR, '')`;
    return of(`${text}::JSON`, { when: `NOT json_valid(${text})`, why: 'is no JSON' }, notFinite(text));
  }
  // Bytes have no form in JSON.
  return /\b(BLOB|BIT)\b/.test(type) ? undefined : of(`to_json(${raw})`, notFinite(`to_json(${raw})::VARCHAR`));
}
