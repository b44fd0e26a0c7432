import { lineAt } from './finding.js';

/** A text inside of another one, and the line that it is on there. */
export interface EmbeddedText {
  readonly text: string;
  readonly line: number | undefined;
}

/**
 * The strings of a JSON document as a program reads them: a login pasted into a description has its quotes and line breaks
 * escaped there, and `\u0041` is a letter. None for a text that is no JSON; only those that differ from how they are written.
 */
export function jsonStrings(text: string): EmbeddedText[] {
  if (!/^\s*[{[]/.test(text) || !text.includes('\\')) return [];
  const found: EmbeddedText[] = [];
  try {
    JSON.parse(text);
  } catch {
    return [];
  }
  // In a document that is valid, every string literal is a match, and nothing else is.
  for (const { 0: literal, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g)) {
    if (literal.includes('\\')) found.push({ text: JSON.parse(literal) as string, line: lineAt(text, index) });
  }
  return found;
}

/** What a person could read in a piece of a binary file, such as the metadata of a model. */
export function printableTexts(piece: string): string {
  return [...piece.matchAll(/[\t\n\r\x20-\x7e]{20,}/g)].map(([text]) => text).join('\n');
}
