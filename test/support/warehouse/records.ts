import { createHash } from 'node:crypto';
import type { TranscriptRecord } from '../../../src/lib/transcript/record.js';
import { between, pick } from '../random.js';

/** A record of a number: the same every time. `given` replaces what it names. */
export function makeRecord(number: number, given: Partial<Record<keyof TranscriptRecord, unknown>> = {}) {
  return {
    id: createHash('sha256').update(`recording ${number}`).digest('hex').slice(0, 32),
    text: `Text of ${number}`,
    timestamp: '2026-01-31T12:00:00.000Z',
    source: `s3://recordings/${number}.wav`,
    uploaded_at: '2026-01-31T11:00:00.000Z',
    duration_s: 12.5,
    sample_rate_hz: 16_000,
    channels: 1,
    language: 'en',
    model: 'moonshine-tiny',
    model_digest: 'ab'.repeat(32),
    segments: [{ start_s: 0, end_s: 12.5, text: `Text of ${number}` }],
    ...given,
  };
}

export function lines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

const texts = [
  'plain',
  'two\nlines',
  'say "no"',
  "it's",
  'tab\tand, comma',
  '日本語 😀 é',
  '',
  null,
  'x'.repeat(5_000),
];

export interface Event {
  readonly id: string;
  readonly text: string | null;
  readonly timestamp: string;
}

/**
 * Records of recordings that were processed once or several times, doubled and out of order, as a queue delivers them.
 * `expected` is what a table has to hold after all of them: a plain model of the rule.
 */
export function shuffledEvents(random: () => number, count: number) {
  const events = Array.from({ length: count }, () => {
    const recording = between(random, 1, Math.ceil(count / 2));
    const seconds = between(random, 0, 3);
    const text = pick(random, texts);
    return makeRecord(recording, { timestamp: `2026-01-31T12:00:0${seconds}.000Z`, text }) as Event;
  });
  const all = [...events, ...events.filter(() => random() < 0.2)];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = between(random, 0, at);
    [all[at], all[other]] = [all[other] as Event, all[at] as Event];
  }
  return all;
}

export function expectedRows(events: readonly Event[]): (readonly (string | null)[])[] {
  const winners = new Map<string, Event>();
  for (const event of events) {
    const known = winners.get(event.id);
    if (known === undefined || beats(event, known)) winners.set(event.id, event);
  }
  return [...winners.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, text, timestamp }) => [id, text, timestamp.slice(0, 19)]);
}

function beats(event: Event, known: Event): boolean {
  if (event.timestamp !== known.timestamp) return event.timestamp > known.timestamp;
  if (event.text === null || known.text === null) return event.text !== null;
  return Buffer.compare(Buffer.from(event.text), Buffer.from(known.text)) > 0;
}
