import { audioError } from './errors.js';
import { type FileBytes, viewOf } from './file-bytes.js';

/** An element's header (RFC 8794): where its content begins and, unless it was written live, where it ends. */
export interface Element {
  readonly id: number;
  readonly start: number;
  /** Undefined for the "unknown" size of a recording that was written while it went on. */
  readonly end: number | undefined;
}

/** Reads the header of the element at the position. Undefined at the end of the file. */
export async function readElement(bytes: FileBytes): Promise<Element | undefined> {
  if (bytes.remaining === 0) return undefined;
  const at = bytes.position;
  const head = await bytes.peek(12);
  const element = elementAt(head, 0, at);
  if (element === 'cut') throw cutOff(bytes.path, at);
  if (element === undefined) throw audioError('AUDIO_DAMAGED', bytes.path, `No element begins at byte ${at}.`);
  bytes.seek(element.start);
  return element;
}

/** The children of an element that is in memory. */
export function* childrenOf(content: Uint8Array): Generator<{ readonly id: number; readonly content: Uint8Array }> {
  for (let at = 0; at < content.length; ) {
    const element = elementAt(content, at, at);
    if (element === undefined || element === 'cut') return;
    const end = Math.min(element.end ?? content.length, content.length);
    yield { id: element.id, content: content.subarray(element.start, end) };
    at = end;
  }
}

/** Unsigned integers and floats have as many bytes as they need. */
export function numberOf(content: Uint8Array): number {
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

export function floatOf(content: Uint8Array): number {
  if (content.length === 4) return viewOf(content).getFloat32(0);
  return content.length === 8 ? viewOf(content).getFloat64(0) : 0;
}

/** A number whose first set bit says how many bytes it has, without that bit; undefined when they are not all there. */
export function variableInt(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly bytes: number } | undefined {
  const first = bytes[at] ?? 0;
  const count = Math.clz32(first) - 23;
  if (count > 8 || at + count > bytes.length) return undefined;
  // Without the marker first: 2^56 and a small number do not fit into a double together.
  const marked = first & (0xff >> count);
  const value = marked * 256 ** (count - 1) + numberOf(bytes.subarray(at + 1, at + count));
  return { value, bytes: count };
}

function elementAt(bytes: Uint8Array, at: number, position: number): Element | 'cut' | undefined {
  const idBytes = Math.clz32(bytes[at] ?? 0) - 23;
  if (idBytes > 4) return undefined;
  const size = variableInt(bytes, at + idBytes);
  if (size === undefined) return at + idBytes + 8 > bytes.length ? 'cut' : undefined;
  const start = position + idBytes + size.bytes;
  const isUnknown = size.value === 2 ** (7 * size.bytes) - 1;
  return { id: numberOf(bytes.subarray(at, at + idBytes)), start, end: isUnknown ? undefined : start + size.value };
}

export function cutOff(path: string, at: number) {
  return audioError('AUDIO_TRUNCATED', path, `It ends within the element at byte ${at}.`);
}
