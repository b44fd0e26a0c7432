const longestExcerpt = 300;

/**
 * The start of a body as one printable line: control characters (and with them terminal escape sequences), line and
 * direction marks are shown as a middle dot, and the length is bounded.
 */
export function excerpt(body: Uint8Array | string, limit = longestExcerpt): string {
  const bytes = Buffer.from(body as Uint8Array);
  // Four bytes are the longest character of UTF-8.
  const start = bytes.subarray(0, limit * 4).toString('utf8');
  const printable = start
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, '·')
    .trim();
  const characters = [...printable];
  const cut = characters.length > limit || bytes.length > limit * 4;
  return cut ? `${characters.slice(0, limit).join('')}…` : printable;
}
