import { describe, expect, it } from 'vitest';
import { redshiftColumns } from '../../../../src/lib/warehouse/redshift/columns.js';
import { utcTimestamp } from '../../../../src/lib/warehouse/redshift/prepare/instant.js';
import { cutText, readyRow } from '../../../../src/lib/warehouse/redshift/prepare/row.js';

const good = { id: 'a', text: 'x', timestamp: '2026-01-31T12:00:00Z' };
const row = (given: object) => readyRow({ ...good, ...given }, redshiftColumns, 7);
const json = (given: object) => JSON.parse(row(given).json) as Record<string, unknown>;

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('readyRow', () => {
  it('marks what was cut, and counts the bytes of both', () => {
    const text = '😀'.repeat(20_000);
    expect(row({ text })).toMatchObject({ isCut: true, textBytes: 65_532 });
    expect(json({ text })).toMatchObject({ text_truncated: true, text_bytes: 80_000, row_no: 7 });
    expect(json({})).toMatchObject({ text: 'x', text_truncated: false, text_bytes: 1 });
  });

  it('says of a wide SUPER that it is one', () => {
    expect(row({ segments: ['x'.repeat(65_531)] }).isWide).toBe(false);
    expect(row({ segments: ['x'.repeat(65_532)] }).isWide).toBe(true);
  });

  it('takes what a SUPER can just hold', () => {
    expect(json({ segments: { text: 'x'.repeat(65_535), deep: nested(999) } })).toHaveProperty('segments');
  });

  it('gives the same digest to the same row, wherever it stands', () => {
    const other = readyRow(good, redshiftColumns, 8);
    expect((JSON.parse(other.json) as { row_digest: string }).row_digest).toBe(json({}).row_digest);
  });

  it.each([
    [{ id: '' }, 'It has no id.'],
    [{ id: undefined }, 'It has no id.'],
    [{ id: 'é'.repeat(26) }, 'Its id has 52 bytes, the table takes 50.'],
    [{ id: { a: 1 } }, 'Its id is no text.'],
    [{ timestamp: 'yesterday' }, 'Its timestamp is no instant'],
    [{ timestamp: null }, 'It has no timestamp.'],
    [{ text: ['x'] }, 'Its text is no text.'],
    [{ text: 'a\0b' }, 'the character NUL'],
    [{ text: '\ud800' }, 'half a character'],
    [{ duration_s: 'long' }, 'Its duration_s is no number.'],
    [{ channels: 1.5 }, 'no whole number'],
    [{ segments: '{' }, 'Its segments is no JSON.'],
    [{ id: 'a ' }, 'Its id ends with a blank'],
    [{ segments: Array(65).fill('x'.repeat(65_000)) }, 'Redshift takes 4194304'],
    [
      { segments: [{ text: 'x'.repeat(65_536) }] },
      'Its segments has a text of 65536 bytes in it; Redshift takes 65535 in a SUPER.',
    ],
    [{ segments: [{ text: '\ud800' }] }, 'Its segments has half a character in it.'],
    [{ segments: [{ text: 'a\0b' }] }, 'Its segments has the character NUL in it'],
    [{ segments: { 'a\0b': 1 } }, 'Its segments has the character NUL in it'],
    [{ warnings: '[1e999]' }, 'Its warnings has a number that is too great for a double.'],
    [{ segments: nested(1_001) }, 'Its segments has more than 1000 levels'],
  ])('refuses %j', (given, why) => {
    expect(() => row(given)).toThrow(why);
  });
});

describe('cutText', () => {
  it('never cuts a character', () => {
    for (const text of ['aé€😀', 'éé', '😀😀']) {
      for (let bytes = 0; bytes <= Buffer.byteLength(text); bytes += 1) {
        const cut = cutText(text, bytes);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
        // The next character would not have fitted.
        const next = [...text.slice(cut.length)][0] ?? '';
        if (next !== '') expect(Buffer.byteLength(cut + next)).toBeGreaterThan(bytes);
      }
    }
  });
});

describe('utcTimestamp', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31 12:00:00.000000'],
    ['2026-01-31T12:00:00.123456000Z', '2026-01-31 12:00:00.123456'],
    ['2026-01-31 12:00:00', '2026-01-31 12:00:00.000000'],
    ['2026-01-31', '2026-01-31 00:00:00.000000'],
    ['2026-01-31T00:30:00.5+01:00', '2026-01-30 23:30:00.500000'],
    ['2026-01-31T00:30:00-0530', '2026-01-31 06:00:00.000000'],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-01-31T25:00:00Z', undefined],
    ['2026-01-31T12:00:00.123456789Z', undefined],
    ['2026-01-31T12:00:00+25:00', undefined],
    ['31.01.2026', undefined],
  ])('%s', (text, expected) => {
    expect(utcTimestamp(text)).toBe(expected);
  });
});
