import type { LogRow } from '../../platform/aws/logs.js';
import { formatRecord, type Painter, printable } from './format.js';
import { readRecord } from './record.js';

/** A row of CloudWatch for people: a log line as `prettyPrint` shows it, anything else as its fields. */
export function formatRow(row: LogRow, paint: Painter): string {
  const { '@message': message, '@timestamp': timestamp, '@ptr': _, ...rest } = row;
  const time = timestamp === undefined ? undefined : isoTime(timestamp);
  const others = Object.entries(rest).map(([name, value]) => `${printable(name)}=${printable(value)}`);
  if (message === undefined) {
    return [...(time === undefined ? [] : [paint('faint', time)]), ...others].join(' ');
  }
  const record = readRecord(message);
  const text =
    record === undefined
      ? [...(time === undefined ? [] : [paint('faint', time)]), printable(message.trimEnd())].join(' ')
      : formatRecord({ ...record, time: record.time ?? time }, paint);
  return others.length === 0 ? text : `${text} ${paint('faint', others.join(' '))}`;
}

/** `2026-01-31 10:00:00.000`, which is UTC but does not say so, or milliseconds since 1970. */
function isoTime(text: string): string {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isFinite(time) ? new Date(time).toISOString() : printable(text);
}
