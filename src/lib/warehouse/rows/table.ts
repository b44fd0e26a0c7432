import { shownText } from '../shown-text.js';
import type { Row, RowFormatter } from './format.js';

/** Characters of a cell; what is longer ends with an ellipsis. */
const widest = 60;
const gap = '  ';

/**
 * Rows for people. The first part decides: a table, whose columns are as wide as it needs (what comes later is cut or stands
 * out), or where that is wider than the terminal, one value a line, which `SELECT *` mostly needs.
 * @param width columns of the terminal; undefined for none, such as a file
 */
export function createTable(names: readonly string[], width: number | undefined): RowFormatter {
  let count = 0;
  let layout: ((rows: readonly Row[]) => string) | undefined;
  const part = (rows: readonly Row[]) => {
    let head = '';
    if (layout === undefined) {
      const widths = measure(names, rows);
      const whole = widths.reduce((sum, one) => sum + one + gap.length, -gap.length);
      const isTooWide = width !== undefined && whole > width && rows.length > 0;
      layout = isTooWide
        ? asRecords(names, width)
        : (more) =>
            more
              .map(
                (row) =>
                  `${joined(
                    row.map((value) => cell(value)),
                    widths,
                  )}\n`,
              )
              .join('');
      if (!isTooWide) head = `${joined(names, widths)}\n${widths.map((one) => '─'.repeat(one)).join(gap)}\n`;
    }
    count += rows.length;
    return head + layout(rows);
  };
  return {
    part,
    end: () =>
      `${layout === undefined ? part([]) : ''}${count === 1 ? '1 row' : `${count.toLocaleString('en-US')} rows`}\n`,
  };
}

function measure(names: readonly string[], rows: readonly Row[]): number[] {
  return names.map((name, at) => rows.reduce((most, row) => Math.max(most, cell(row[at] ?? null).length), name.length));
}

function asRecords(names: readonly string[], width: number): (rows: readonly Row[]) => string {
  const longest = Math.max(...names.map((name) => name.length));
  const room = Math.max(20, width - longest - gap.length);
  let number = 0;
  return (rows) =>
    rows
      .map((row) => {
        number += 1;
        const lines = names.map((name, at) => `${name.padEnd(longest)}${gap}${cell(row[at] ?? null, room)}\n`);
        return `── ${number} ${'─'.repeat(Math.max(0, longest - String(number).length - 2))}\n${lines.join('')}`;
      })
      .join('');
}

function joined(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((text, at) => text.padEnd(widths[at] ?? 0))
    .join(gap)
    .trimEnd();
}

function cell(value: Row[number], most = widest): string {
  if (value === null) return 'NULL';
  return shownText(typeof value === 'object' ? JSON.stringify(value) : String(value), most);
}
