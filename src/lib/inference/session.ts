import type { InferenceSession } from 'onnxruntime-node';
import { describeError } from '../base/errors/describe.js';
import { MlopsError, OperationError } from '../base/errors/mlops-error.js';
import type { Model } from '../model/types.js';
import { ioContract } from './io-contract.js';
import { loadRuntime, openSession } from './runtime.js';
import { type InputType, type Probabilities, toInputData, toLabels, toProbabilities } from './tensors.js';

export interface PredictorOptions {
  /** Threads inside one call. 1 by default: concurrency comes from batching and from worker processes. */
  readonly intraOpThreads?: number;
}

/** One label per row; probabilities when the model gives them. */
export interface Predictions {
  readonly labels: readonly (number | string)[];
  readonly probabilities?: Probabilities;
}

/** A model at work. `predict` runs the native code on the calling thread: it blocks it for the time of the inference. */
export interface Predictor {
  readonly model: Model;
  /** Columns per row. */
  readonly features: number;
  /** `int64` models take whole numbers only: check before rows of several callers share a batch. */
  readonly inputType: InputType;
  readonly labelType: 'integer' | 'string';
  /**
   * @param rows row-major, at least `rowCount * features` values; must not change until the promise settles
   * @throws UsageError `NOT_AN_INTEGER` for a fraction given to an `int64` model
   * @throws OperationError `INFERENCE_FAILED` when ONNX Runtime refuses, `PREDICTOR_CLOSED` after `close`
   */
  predict(rows: Float32Array, rowCount: number): Promise<Predictions>;
  /** Waits for running predictions, then frees the native memory. May be called twice. */
  close(): Promise<void>;
}

/**
 * Loads a tabular classifier into ONNX Runtime on the CPU.
 * Throws UsageError (`UNSUPPORTED_MODEL`) for a model that is no tabular classifier, OperationError
 * (`MODEL_LOAD_FAILED`) when ONNX Runtime cannot load it, PrerequisiteError when ONNX Runtime itself is not there.
 */
export async function createPredictor(model: Model, options: PredictorOptions = {}): Promise<Predictor> {
  const ort = await loadRuntime();
  const session = await openSession(ort, model.path, options.intraOpThreads ?? 1);
  try {
    return predictorOf(model, session, ort.Tensor);
  } catch (error) {
    await session.release();
    throw error;
  }
}

function predictorOf(
  model: Model,
  session: InferenceSession,
  TensorClass: typeof import('onnxruntime-node').Tensor,
): Predictor {
  const { input, inputType, features, label, labelType, probabilities } = ioContract(
    model,
    session.inputMetadata,
    session.outputMetadata,
  );
  const fetches = probabilities === undefined ? [label] : [label, probabilities];
  let running = 0;
  let closing: Promise<void> | undefined;
  let whenIdle: (() => void) | undefined;

  async function predict(rows: Float32Array, rowCount: number): Promise<Predictions> {
    if (closing !== undefined) {
      throw new OperationError('The model is closed', { code: 'PREDICTOR_CLOSED', why: 'It is shutting down.' });
    }
    const size = rowCount * features;
    if (!Number.isInteger(rowCount) || rowCount < 0 || rows.length < size) {
      throw new RangeError(`${rows.length} values are not ${rowCount} rows of ${features}`);
    }
    if (rowCount === 0) return { labels: [] };
    const data = toInputData(inputType, rows.length === size ? rows : rows.subarray(0, size));
    running++;
    try {
      const results = await session.run({ [input]: new TensorClass(inputType, data, [rowCount, features]) }, fetches);
      const labels = toLabels(output(results, label), rowCount);
      if (probabilities === undefined) return { labels };
      return { labels, probabilities: toProbabilities(output(results, probabilities), rowCount) };
    } catch (error) {
      if (error instanceof MlopsError) throw error;
      throw new OperationError('The model failed on this input', {
        code: 'INFERENCE_FAILED',
        why: describeError(error),
        cause: error,
      });
    } finally {
      running--;
      if (running === 0) whenIdle?.();
    }
  }

  async function release(): Promise<void> {
    if (running > 0) {
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
    }
    await session.release();
  }

  return {
    model,
    features,
    inputType,
    labelType,
    predict,
    close() {
      closing ??= release();
      return closing;
    },
  };
}

function output(results: InferenceSession.OnnxValueMapType, name: string): InferenceSession.OnnxValueMapType[string] {
  const value = results[name];
  if (value === undefined) throw new Error(`output '${name}' is missing`);
  return value;
}
