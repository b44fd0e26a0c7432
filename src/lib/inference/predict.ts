import { createReadStream } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { describeError, hasCode } from '../base/errors/describe.js';
import { InterruptedError, UsageError } from '../base/errors/mlops-error.js';
import type { Model } from '../model/types.js';
import { fileOutput, streamOutput } from './output.js';
import { predictRows } from './predict-rows.js';
import { csvWriter, jsonLinesWriter, type PredictionWriter } from './prediction-text.js';
import { formatOfName, type RowFormat } from './rows/format.js';
import { createPredictor } from './session.js';

export interface PredictRequest {
  readonly model: Model;
  /** Absolute path, or `-` for `stdin`. */
  readonly input: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Absolute path; without it the predictions go to `stdout`. */
  readonly output?: string;
  readonly format?: RowFormat;
  readonly probabilities: boolean;
  /** JSON lines on `stdout`, else CSV. A file's name decides for itself. */
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** The `--json` document of `mlops predict --output FILE`. */
export interface PredictSummary {
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly rows: number;
  readonly output: string | null;
}

/**
 * Predicts the rows of a file or stream. Throws UsageError for wrong input, OperationError when the model or the output
 * fails, InterruptedError. A reader of `stdout` that goes away ends it quietly.
 */
export async function predict(request: PredictRequest): Promise<PredictSummary> {
  const { model, output: path, signal } = request;
  if (path !== undefined && path === request.input) {
    throw new UsageError('The output is the input', { code: 'OUTPUT_IS_INPUT', why: `Both are ${path}.` });
  }
  const predictor = await createPredictor(model);
  const output = path === undefined ? streamOutput(request.stdout) : fileOutput(path);
  let rows = 0;
  try {
    rows = await predictRows({
      predictor,
      input: read(request),
      format: request.format ?? formatOfName(request.input),
      writer: writerOf(request),
      write: output.write,
      signal,
    });
    await output.finish();
  } catch (error) {
    await output.discard();
    if (!hasCode(error, 'EPIPE')) throw error;
  } finally {
    await predictor.close();
  }
  return {
    model: { name: model.name, version: model.version, sha256: model.digest },
    rows,
    output: path === undefined ? null : resolve(path),
  };
}

async function* read({ input, stdin, signal }: PredictRequest): AsyncGenerator<Uint8Array> {
  try {
    yield* input === '-' ? addAbortSignal(signal, stdin) : createReadStream(input, { signal });
  } catch (error) {
    if (signal.aborted) throw new InterruptedError('Interrupted while reading the input');
    throw new UsageError(`The input ${input} cannot be read`, {
      code: hasCode(error, 'ENOENT') ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      why: hasCode(error, 'ENOENT') ? 'No such file.' : describeError(error),
      cause: error,
    });
  }
}

function writerOf({ model, output, json, probabilities }: PredictRequest): PredictionWriter {
  const jsonLines =
    output === undefined ? json : ['.json', '.jsonl', '.ndjson'].includes(extname(output).toLowerCase());
  if (jsonLines) return jsonLinesWriter({ probabilities });
  return csvWriter({ probabilities, classes: model.signature.classes ?? [] });
}
