import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRecord } from '../../../src/lib/recordings/make-record.js';
import { fileId, objectId } from '../../../src/lib/transcript/id.js';
import { transcriptRecord } from '../../../src/lib/transcript/record.js';
import { tempDir } from '../../support/temp-dir.js';

test('the id of an object is made of bucket, key and version, that of a file of its content', async () => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
  expect(objectId('b', 'k/ü +.wav', 'v1')).toBe(sha('b\0k/ü +.wav\0v1'));
  expect(objectId('b', 'k', '"abc"')).toBe(objectId('b', 'k', 'abc'));
  expect(objectId('b', 'k/x', '1')).not.toBe(objectId('b/k', 'x', '1'));
  const path = join(await tempDir(), 'any name');
  await writeFile(path, 'content');
  expect(await fileId(path)).toBe(sha('content'));
});

test('a record holds what the contract says, to the millisecond, and its warnings only when there are some', () => {
  const transcription = {
    text: 'Hello.',
    segments: [{ startS: 0.12345, endS: 1.99999, text: 'Hello.', speaker: 1 }],
    durationS: 2.00049,
    sampleRateHz: 44_100,
    channels: 2,
    language: 'en',
    model: 'moonshine-tiny',
    modelDigest: 'd'.repeat(64),
    warnings: [],
  };
  const at = new Date('2026-01-02T03:04:05.678Z');
  const facts = { id: '0'.repeat(32), source: 's3://b/k', uploadedAt: at, processedAt: at };
  const record = makeRecord(transcription, facts);
  expect(record).toEqual({
    id: '0'.repeat(32),
    text: 'Hello.',
    timestamp: '2026-01-02T03:04:05.678Z',
    source: 's3://b/k',
    uploaded_at: '2026-01-02T03:04:05.678Z',
    duration_s: 2,
    sample_rate_hz: 44_100,
    channels: 2,
    language: 'en',
    model: 'moonshine-tiny',
    model_digest: 'd'.repeat(64),
    segments: [{ start_s: 0.123, end_s: 2, text: 'Hello.', speaker: 1 }],
  });
  const warned = makeRecord({ ...transcription, warnings: [{ kind: 'runaway', startS: 1, endS: 2 }] }, facts);
  expect(warned.warnings).toEqual([{ kind: 'runaway', start_s: 1, end_s: 2 }]);
  for (const one of [record, warned]) expect(transcriptRecord.parse(one)).toEqual(one);
});
