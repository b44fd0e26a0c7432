import type { Segment } from './types.js';

/** What fits under a picture and is read in one glance: https://bbc.github.io/subtitle-guidelines/ allows 37 to 42 letters a line. */
const lineLetters = 42;
const cueLines = 2;

/**
 * Subtitles: SubRip (`srt`) as players read it, or WebVTT (`vtt`, https://www.w3.org/TR/webvtt1/). Segments without text
 * are left out; no segments give an empty SubRip file and a WebVTT file that is its header. A segment of more than two
 * lines becomes several cues, which share its time by their letters: where words lie inside a segment is not known.
 */
export function subtitles(segments: readonly Segment[], format: 'srt' | 'vtt'): string {
  const cues = segments
    .filter(({ text }) => text.trim() !== '')
    .flatMap(cuesOf)
    .map((cue, index) => (format === 'srt' ? srtCue(cue, index + 1) : vttCue(cue)));
  return format === 'srt' ? cues.join('\n') : ['WEBVTT\n', ...cues].join('\n');
}

function cuesOf(segment: Segment): Segment[] {
  const lines = wrapped(segment.text);
  const groups = Array.from({ length: Math.ceil(lines.length / cueLines) }, (_, index) =>
    lines.slice(index * cueLines, (index + 1) * cueLines),
  );
  const letters = lines.join('').length;
  let done = 0;
  const at = () => segment.startS + ((segment.endS - segment.startS) * done) / letters;
  return groups.map((group) => {
    const startS = at();
    done += group.join('').length;
    return { ...segment, startS, endS: at(), text: group.join('\n') };
  });
}

/** A word longer than a line has one to itself. An empty line would end the cue: there is none. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > lineLetters) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function srtCue({ startS, endS, text, speaker }: Segment, number: number): string {
  const who = speaker === undefined ? '' : `[${speakerName(speaker)}] `;
  return `${number}\n${clock(startS, ',')} --> ${clock(endS, ',')}\n${who}${text}\n`;
}

function vttCue({ startS, endS, text, speaker }: Segment): string {
  const voice = speaker === undefined ? '' : `<v ${speakerName(speaker)}>`;
  // A cue's text is markup: what is said must not become a tag, nor end the cue.
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${clock(startS, '.')} --> ${clock(endS, '.')}\n${voice}${escaped}\n`;
}

/** By the number that records have, so that what is seen here is found there. */
function speakerName(speaker: number): string {
  return `Speaker ${speaker}`;
}

/** Seconds as hh:mm:ss and milliseconds. */
function clock(seconds: number, point: ',' | '.'): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const time = [two(ms / 3_600_000), two((ms / 60_000) % 60), two((ms / 1000) % 60)].join(':');
  return `${time}${point}${String(ms % 1000).padStart(3, '0')}`;
}
