import type { Line, Tone } from '../base/text/line.js';
import { type Colour, colours } from './colours.js';

const toneColours: Record<Tone, Colour | undefined> = {
  plain: undefined,
  heading: 'bold',
  good: 'green',
  change: 'yellow',
  danger: 'red',
  faint: 'dim',
};

/** Lines in the colours of `stream`, or as plain text where it has none. */
export function paintLines(
  lines: readonly Line[],
  stream: NodeJS.WriteStream,
  options: { json?: boolean } = {},
): string {
  const paint = colours(stream, options);
  return lines
    .map(({ tone, text }) => {
      const colour = toneColours[tone];
      return colour === undefined || text === '' ? text : paint(colour, text);
    })
    .join('\n');
}

/**
 * A painter for many texts, one by one. Whether `stream` has colours is asked once: asking for each of a million log lines
 * takes longer than reading them.
 */
export function tonePainter(stream: NodeJS.WriteStream): (tone: Tone, text: string) => string {
  const painted = (tone: Tone, text: string) => paintLines([{ tone, text }], stream);
  return painted('danger', 'x') === 'x' ? (_tone, text) => text : painted;
}
