import { InterruptedError, UsageError } from '../base/errors/mlops-error.js';
import type { PredictionWriter } from './prediction-text.js';
import { type RowFormat, rowParser } from './rows/format.js';
import type { Row } from './rows/row.js';
import type { Predictor } from './session.js';

/** Rows that are predicted and written at once: memory does not grow with the input. */
const chunkRows = 1024;

export interface PredictRowsOptions {
  readonly predictor: Predictor;
  /** UTF-8 bytes. */
  readonly input: AsyncIterable<Uint8Array>;
  /** undefined: by the first character. */
  readonly format: RowFormat | undefined;
  readonly writer: PredictionWriter;
  /** Takes the text of a chunk; the next one is not made before it resolves. */
  readonly write: (text: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Predicts rows of any number from a stream, in order. What was read before an error is predicted and written first.
 * Throws UsageError (`INVALID_ROWS`, `NO_ROWS`), OperationError of the model, InterruptedError.
 * @returns the number of rows
 */
export async function predictRows(options: PredictRowsOptions): Promise<number> {
  const { predictor, writer, write } = options;
  const { features, inputType, model } = predictor;
  const { featureNames } = model.signature;
  const parser = rowParser(options.format, { features, inputType, ...(featureNames && { featureNames }) });
  const chunk = new Float32Array(chunkRows * features);
  let inChunk = 0;
  let total = 0;

  async function flush(): Promise<void> {
    if (inChunk === 0) return;
    const lines = writer.lines(await predictor.predict(chunk, inChunk));
    await write(total === 0 ? writer.header + lines : lines);
    total += inChunk;
    inChunk = 0;
  }

  async function take(rows: Iterable<Row>): Promise<void> {
    for (const { values } of rows) {
      chunk.set(values, inChunk * features);
      inChunk += 1;
      if (inChunk === chunkRows) {
        await flush();
        if (options.signal?.aborted === true) throw new InterruptedError(`Interrupted after ${total} rows`);
      }
    }
  }

  try {
    for await (const text of decode(options.input)) {
      if (options.signal?.aborted === true) throw new InterruptedError(`Interrupted after ${total} rows`);
      await take(parser.push(text));
    }
    await take(parser.end());
  } catch (error) {
    await flush();
    throw error;
  }
  await flush();
  if (total === 0) {
    throw new UsageError('The input has no rows', { code: 'NO_ROWS', why: 'It is empty, or only a header.' });
  }
  return total;
}

async function* decode(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // A byte order mark at the start is dropped.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of input) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (
      !(error instanceof TypeError) ||
      (error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ) {
      throw error;
    }
    throw new UsageError('The input is not UTF-8 text', {
      code: 'INVALID_ROWS',
      why: 'Save it as UTF-8 and try again.',
    });
  }
}
