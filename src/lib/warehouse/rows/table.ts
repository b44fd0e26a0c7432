import type { Row, RowFormatter } from './format.js';

/** Characters of a cell; what is longer ends with an ellipsis. */
const widest = 60;

/** A table for people. Its columns are as wide as the first part needs: what comes later is cut or stands out. */
export function createTable(names: readonly string[]): RowFormatter {
  let widths: number[] | undefined;
  let count = 0;
  const lines = (rows: readonly Row[]): string => {
    const cells = rows.map((row) => row.map(cell));
    count += rows.length;
    let head = '';
    if (widths === undefined) {
      const measured = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
      widths = measured;
      head = `${joined(names, measured)}\n${measured.map((width) => '─'.repeat(width)).join('  ')}\n`;
    }
    const known = widths;
    return head + cells.map((row) => `${joined(row, known)}\n`).join('');
  };
  return {
    part: lines,
    end: () =>
      `${widths === undefined ? lines([]) : ''}${count === 1 ? '1 row' : `${count.toLocaleString('en-US')} rows`}\n`,
  };
}

function joined(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((text, at) => text.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd();
}

/** On one line and without control characters, which could rewrite the screen. */
function cell(value: Row[number]): string {
  if (value === null) return 'NULL';
  const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    ' ',
  );
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`;
}
