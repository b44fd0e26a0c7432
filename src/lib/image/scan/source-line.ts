import { readFile } from 'node:fs/promises';
import { lineOfValue } from '../../project/value-line.js';

/**
 * The line of an mlops.yaml that a line of the JSON made of it comes from: the one with the same value, or else the same
 * key. Undefined where there is no such file, or the value is another one there.
 */
export async function sourceLine(madeOf: string, json: string, line: number | undefined): Promise<number | undefined> {
  const written = line === undefined ? undefined : json.split('\n')[line - 1];
  const yaml = await readFile(madeOf, 'utf8').catch(() => undefined);
  if (written === undefined || yaml === undefined) return undefined;
  // The value stands behind the key.
  for (const [literal] of [...written.matchAll(/"(?:[^"\\]|\\.)*"/g)].reverse()) {
    const found = lineOfValue(yaml, JSON.parse(literal) as string);
    if (found !== undefined) return found;
  }
  return undefined;
}
