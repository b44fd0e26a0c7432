import { maxTextBytes } from '../columns.js';

/** https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html */
const maxDepth = 1_000;

/**
 * What a value has that a SUPER cannot hold, as the end of a message; undefined when it can. That all of it is at most 16 MB
 * follows from the limit of a record. Texts of more than 65,535 bytes are taken only where a database was set to it.
 */
export function whyNoSuper(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return whyNoText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number that is too great for a double';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === maxDepth) return `more than ${maxDepth} levels; Redshift takes no more`;
  for (const [name, member] of Object.entries(value)) {
    const why = whyNoText(name) ?? whyNoSuper(member, depth + 1);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyNoText(text: string): string | undefined {
  if (!text.isWellFormed()) return 'half a character in it';
  if (text.includes('\0')) return 'the character NUL in it, which Redshift does not take';
  const bytes = Buffer.byteLength(text);
  return bytes > maxTextBytes ? `a text of ${bytes} bytes in it; Redshift takes ${maxTextBytes} in a SUPER` : undefined;
}
