import type { Predictions } from './session.js';

/** Formats predictions, one line a row. */
export interface PredictionWriter {
  /** Lines that come before the first row; empty when there are none. */
  readonly header: string;
  lines(predictions: Predictions): string;
}

/** `{"label":0}`, with `probabilities` in the order of the model's classes. */
export function jsonLinesWriter(options: { probabilities: boolean }): PredictionWriter {
  return {
    header: '',
    lines({ labels, probabilities }) {
      let text = '';
      for (const [row, label] of labels.entries()) {
        const shown = options.probabilities && probabilities !== undefined;
        const values = shown ? rowOf(probabilities, row) : undefined;
        text += `${JSON.stringify(values === undefined ? { label } : { label, probabilities: values })}\n`;
      }
      return text;
    },
  };
}

/** CSV with a header: `label`, then one `probability_<class>` for each class. */
export function csvWriter(options: {
  probabilities: boolean;
  classes: readonly (number | string)[];
}): PredictionWriter {
  const columns = options.probabilities ? options.classes.map((name) => `probability_${name}`) : [];
  return {
    header: `${['label', ...columns].map(cell).join(',')}\n`,
    lines({ labels, probabilities }) {
      let text = '';
      for (const [row, label] of labels.entries()) {
        const values = options.probabilities && probabilities !== undefined ? rowOf(probabilities, row) : [];
        text += `${[label, ...values].map(cell).join(',')}\n`;
      }
      return text;
    },
  };
}

/** float32 as the shortest decimal that reads back as the same float32: 0.1, not 0.10000000149011612. */
function rowOf({ values, classes }: NonNullable<Predictions['probabilities']>, row: number): number[] {
  return Array.from({ length: classes }, (_, index) => shortest(values[row * classes + index] as number));
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function cell(value: number | string): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
