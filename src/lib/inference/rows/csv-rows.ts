import { type CsvRecord, CsvSplitter } from './csv-records.js';
import { checkedLength, checkedNumber, excerpt, invalidRows, type Row, type RowParser, type RowShape } from './row.js';

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Rows of a CSV text. A first record with anything that is no number is a header: when the model knows its feature
 * names the header has to name exactly those, in any order, and columns are taken by name; else by position. So is
 * 0, 1, 2, ..., which data frames without column names write: those columns are taken by position.
 */
export function csvRowParser(shape: RowShape, delimiter = ','): RowParser {
  const splitter = new CsvSplitter(delimiter);
  /** For each feature its position in a record; undefined until the first record was seen. */
  let positions: readonly number[] | undefined;

  function* rows(records: Iterable<CsvRecord>): Generator<Row> {
    for (const record of records) {
      if (positions === undefined) {
        const header = isHeader(record.cells);
        positions = header ? headerPositions(record, shape) : inOrder(shape.features);
        if (header) continue;
      }
      yield { values: values(record, positions, shape), line: record.line };
    }
  }

  return { push: (text) => rows(splitter.push(text)), end: () => rows(splitter.end()) };
}

function isHeader(cells: readonly string[]): boolean {
  return isNumbered(cells) || cells.some((cell) => cell.trim() !== '' && !numberPattern.test(cell.trim()));
}

function isNumbered(cells: readonly string[]): boolean {
  return cells.length > 2 && cells.every((cell, index) => cell.trim() === String(index));
}

function inOrder(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function headerPositions({ cells, line }: CsvRecord, shape: RowShape): number[] {
  const header = cells.map((cell) => cell.trim());
  checkedLength(header.length, shape, { line });
  const { featureNames } = shape;
  if (featureNames === undefined || isNumbered(header)) return inOrder(shape.features);
  const missing = featureNames.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const unknown = header.filter((name) => !featureNames.includes(name));
    const quoted = (names: readonly string[]) =>
      names
        .slice(0, 3)
        .map((name) => `'${excerpt(name)}'`)
        .join(', ');
    throw invalidRows({ line }, `the header lacks ${quoted(missing)} and has ${quoted(unknown) || 'a name twice'}`);
  }
  return featureNames.map((name) => header.indexOf(name));
}

function values({ cells, line }: CsvRecord, positions: readonly number[], shape: RowShape): number[] {
  checkedLength(cells.length, shape, { line });
  return positions.map((position, feature) => {
    const cell = (cells[position] ?? '').trim();
    const name = shape.featureNames?.[feature];
    const place = { line, column: position + 1, ...(name === undefined ? {} : { name }) };
    if (cell === '') throw invalidRows(place, 'empty');
    if (!numberPattern.test(cell)) throw invalidRows(place, `'${excerpt(cell)}' is not a number`);
    return checkedNumber(Number(cell), shape, place);
  });
}
