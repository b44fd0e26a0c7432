import type { Tone } from '../../base/text/line.js';
import type { Level, LogRecord } from './record.js';

/** Puts a text into the colour of its tone, or leaves it as it is. */
export type Painter = (tone: Tone, text: string) => string;

const tones: Record<Level, Tone> = {
  trace: 'faint',
  debug: 'faint',
  info: 'good',
  warn: 'change',
  error: 'danger',
  fatal: 'danger',
};

/** What people look for first stands first. */
const firstFields = ['requestId', 'reqId', 'request_id', 'AWSRequestId'];

/** A record for people: time, level, message, the other fields, and the stack of an error below. */
export function formatRecord(record: LogRecord, paint: Painter): string {
  const { time, level, message, fields, stack } = record;
  const parts = [
    ...(time === undefined ? [] : [paint('faint', printable(time))]),
    paint(tones[level], level.toUpperCase().padEnd(5)),
    printable(message),
    ...ordered(fields).map(([name, value]) => paint('faint', `${printable(name)}=${valueText(value)}`)),
  ];
  const lines = [parts.join(' ').replaceAll('\n', '\n    ')];
  if (stack !== undefined)
    lines.push(
      ...printable(stack)
        .split('\n')
        .map((text) => paint('faint', `    ${text}`)),
    );
  return lines.join('\n');
}

function ordered(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  const all = Object.entries(fields);
  const first = all.filter(([name]) => firstFields.includes(name));
  return [...first, ...all.filter(([name]) => !firstFields.includes(name))];
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return printable(value);
  return printable(JSON.stringify(value) ?? String(value));
}

/**
 * Without the control characters that a terminal obeys: what a client sent may be in a log, and must not move the cursor,
 * set colours or the title of whoever reads it.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    if (character === '\r') return '';
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
