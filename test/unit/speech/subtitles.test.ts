import { expect, test } from 'vitest';
import { subtitles } from '../../../src/lib/speech/subtitles.js';

const segments = [
  { startS: 0, endS: 1.2345, text: 'Hello.' },
  { startS: 2, endS: 2.5, text: '' },
  { startS: 3599.9996, endS: 3661.5, text: 'a < b & c\n\n-->' },
];

test('SubRip numbers the cues that have text', () => {
  expect(subtitles(segments, 'srt')).toBe(
    '1\n00:00:00,000 --> 00:00:01,235\nHello.\n\n2\n01:00:00,000 --> 01:01:01,500\na < b & c -->\n',
  );
});

test('WebVTT has a header, and text that is no markup', () => {
  expect(subtitles(segments, 'vtt')).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.235\nHello.\n\n01:00:00.000 --> 01:01:01.500\na &lt; b &amp; c --&gt;\n',
  );
});

test('silence', () => {
  expect(subtitles([], 'srt')).toBe('');
  expect(subtitles([], 'vtt')).toBe('WEBVTT\n');
});

test('a speaker has the number of the record, in the way of the format', () => {
  const said = [{ startS: 0, endS: 1, text: 'Yes.', speaker: 1 }];
  expect(subtitles(said, 'srt')).toContain('\n[Speaker 1] Yes.');
  const first = [{ startS: 0, endS: 1, text: 'Yes.', speaker: 0 }];
  expect(subtitles(first, 'srt')).toContain('\n[Speaker 0] Yes.');
  expect(subtitles(said, 'vtt')).toContain('<v Speaker 1>Yes.');
});

test('a long segment becomes cues of two lines, which share its time by their letters', () => {
  const text = Array.from({ length: 36 }, () => 'word').join(' ');
  const cues = subtitles([{ startS: 10, endS: 19, text }], 'srt')
    .trim()
    .split('\n\n');
  expect(cues.map((cue) => cue.split('\n').slice(1))).toEqual([
    ['00:00:10,000 --> 00:00:14,011', ...Array<string>(2).fill(Array<string>(8).fill('word').join(' '))],
    ['00:00:14,011 --> 00:00:18,023', ...Array<string>(2).fill(Array<string>(8).fill('word').join(' '))],
    ['00:00:18,023 --> 00:00:19,000', 'word word word word'],
  ]);
});
