/** A text of somebody else's for a message or a table: on one line, without control characters, which could rewrite the screen. */
export function shownText(text: string, mostChars: number): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
  return line.length <= mostChars ? line : `${line.slice(0, mostChars - 1)}…`;
}
