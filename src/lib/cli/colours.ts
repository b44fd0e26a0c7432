import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

export type Colour = Parameters<typeof styleText>[0];
export type Paint = (colour: Colour, text: string) => string;

/**
 * A painter for one stream: plain text where colours are off. `styleText` honours NO_COLOR, FORCE_COLOR and a stream
 * that is no terminal; `--json` is a flag of ours.
 */
export function colours(stream: NodeJS.WriteStream | WriteStream, options: { json?: boolean } = {}): Paint {
  if (options.json === true || process.argv.includes('--json')) return (_colour, text) => text;
  return (colour, text) => styleText(colour, text, { stream });
}
