import Table from 'cli-table3';

export interface Column {
  readonly head: string;
  /** Takes what the others leave, and is wrapped to it. At most one. */
  readonly isWide?: boolean;
}

const gap = 2;
const narrowest = 20;
const borders = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];

/** Rows in columns without borders, no wider than `width` cells of a terminal as far as the other columns let it. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const all = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_column, index) => Math.max(...all.map((row) => cells(row[index] ?? ''))) + gap);
  const wide = columns.findIndex(({ isWide }) => isWide);
  if (wide !== -1) {
    const others = widths.reduce((sum, one, index) => (index === wide ? sum : sum + one), 0);
    widths[wide] = Math.min(widths[wide] ?? 0, Math.max(narrowest, width - others));
  }
  const table = new Table({
    colWidths: widths,
    wordWrap: true,
    chars: Object.fromEntries(borders.map((name) => [name, ''])),
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
  });
  table.push(...all.map((row) => [...row]));
  const lines = table.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

const graphemes = new Intl.Segmenter();

/** Cells that a terminal shows a text in: two for the scripts of East Asia and for emoji. */
function cells(text: string): number {
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    const isDouble =
      /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uFF01-\uFF60]/u;
    count += isDouble.test(segment) ? 2 : 1;
  }
  return count;
}
