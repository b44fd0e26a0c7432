import type { Segment } from './types.js';

/**
 * Subtitles: SubRip (`srt`) as players read it, or WebVTT (`vtt`, https://www.w3.org/TR/webvtt1/). Segments without text
 * are left out; no segments give an empty SubRip file and a WebVTT file that is its header.
 */
export function subtitles(segments: readonly Segment[], format: 'srt' | 'vtt'): string {
  const spoken = segments.filter(({ text }) => text !== '');
  const cues = spoken.map((segment, index) => (format === 'srt' ? srtCue(segment, index + 1) : vttCue(segment)));
  return format === 'srt' ? cues.join('\n') : ['WEBVTT\n', ...cues].join('\n');
}

function srtCue({ startS, endS, text, speaker }: Segment, number: number): string {
  const who = speaker === undefined ? '' : `[${speaker + 1}] `;
  return `${number}\n${clock(startS, ',')} --> ${clock(endS, ',')}\n${who}${oneParagraph(text)}\n`;
}

function vttCue({ startS, endS, text, speaker }: Segment): string {
  const voice = speaker === undefined ? '' : `<v Speaker ${speaker + 1}>`;
  // A cue's text is markup: what is said must not become a tag, nor end the cue.
  const escaped = oneParagraph(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${clock(startS, '.')} --> ${clock(endS, '.')}\n${voice}${escaped}\n`;
}

/** An empty line would end the cue. */
function oneParagraph(text: string): string {
  return text.replace(/\s*\n\s*/g, '\n').trim();
}

/** Seconds as hh:mm:ss and milliseconds. */
function clock(seconds: number, point: ',' | '.'): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const time = [two(ms / 3_600_000), two((ms / 60_000) % 60), two((ms / 1000) % 60)].join(':');
  return `${time}${point}${String(ms % 1000).padStart(3, '0')}`;
}
