import { recordColumns } from '../table.js';

const ours: ReadonlySet<string> = new Set(recordColumns.map(({ name }) => name));

/**
 * A member of the record that an object has twice: `JSON.parse` takes the last one without a word.
 * @param text valid JSON
 */
export function doubledMember(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  let isNameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = endOfText(text, at);
      if (isNameNext) {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (ours.has(name) && seen.has(name)) return name;
        seen.add(name);
      }
      isNameNext = false;
      at = end - 1;
    } else if (char === '{' || char === '[') {
      depth += 1;
      isNameNext = depth === 1 && char === '{';
    } else if (char === '}' || char === ']') depth -= 1;
    else if (char === ',') isNameNext = depth === 1;
  }
  return undefined;
}

/** The place after the quote that ends the text which begins at `begin`: one behind an even number of backslashes. */
function endOfText(text: string, begin: number): number {
  for (let quote = text.indexOf('"', begin + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return text.length;
}
