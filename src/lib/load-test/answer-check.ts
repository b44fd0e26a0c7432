/**
 * What makes an answer right. `status`: a 2xx. `predictions`: a 2xx whose body is `{"predicciones": [...]}` with as many
 * integers as rows were sent and, where the right answer is known, exactly that one.
 */
export interface AnswerCheck {
  readonly kind: 'status' | 'predictions';
  /** Rows in each request; null when the request does not tell. Empty for `status`. */
  readonly rows: readonly (number | null)[];
  /** The right answer to each request, when it was asked for beforehand. */
  readonly expected?: readonly (readonly number[])[];
  /** As much of a body as has to be kept to judge it and to show it. */
  readonly keepBytes: number;
}

/** An answer as far as judging needs it. */
export interface Answer {
  readonly status: number;
  /** The body is longer than `keepBytes`. */
  readonly truncated: boolean;
  body(): Buffer;
}

const excerptBytes = 2_048;
const largestBodyBytes = 4 * 2 ** 20;

export const statusCheck: AnswerCheck = { kind: 'status', rows: [], keepBytes: excerptBytes };

export function predictionsCheck(
  rows: readonly (number | null)[],
  expected?: readonly (readonly number[])[],
): AnswerCheck {
  return { kind: 'predictions', rows, ...(expected === undefined ? {} : { expected }), keepBytes: largestBodyBytes };
}

/** Undefined for a right answer, else why it is not: one phrase per kind, without values that would differ each time. */
export function judge(check: AnswerCheck, request: number, answer: Answer): string | undefined {
  if (answer.status < 200 || answer.status > 299) return `status ${answer.status}`;
  if (check.kind === 'status') return undefined;
  if (answer.truncated) return `an answer of more than ${check.keepBytes} bytes`;
  const predictions = parsePredictions(answer.body());
  if (predictions === undefined) return 'an answer without predicciones';
  const rows = check.rows[request] ?? null;
  if (rows !== null && predictions.length !== rows) return 'not one prediction for each row';
  if (!predictions.every(Number.isInteger)) return 'a prediction that is no integer';
  const expected = check.expected?.[request];
  if (expected !== undefined && !expected.every((value, index) => value === predictions[index])) {
    return 'another prediction than to the same rows alone';
  }
  return undefined;
}

/** The list in `{"predicciones": [...]}`, whatever is in it; undefined for any other body. */
export function parsePredictions(body: Buffer): readonly unknown[] | undefined {
  try {
    const { predicciones } = JSON.parse(body.toString()) as { predicciones?: unknown };
    return Array.isArray(predicciones) ? predicciones : undefined;
  } catch {
    return undefined;
  }
}
