/** Rows of a label and a text, aligned. Further lines of a text are indented under its first. */
export function table(rows: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows
    .map(([label, text]) => `${label.padEnd(width)}${text.replaceAll('\n', `\n${' '.repeat(width)}`)}`)
    .join('\n');
}

/** `a, b, c and 34 more`: what fits on a line of a terminal. Names come from files: no control characters. */
export function listText(items: readonly (string | number)[], maxLength = 90): string {
  let text = '';
  for (const [index, item] of items.entries()) {
    const next = `${text}${index === 0 ? '' : ', '}${plainText(String(item))}`;
    if (next.length > maxLength && index > 0) return `${text} and ${items.length - index} more`;
    text = next;
  }
  return text;
}

/** Text of a file on a terminal: control characters could rewrite the screen. */
export function plainText(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
