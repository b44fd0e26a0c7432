import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadRuntime, openSession } from './runtime.js';

export type { Tensor } from 'onnxruntime-node';

/** Element types of the tensors that callers make, with what holds their values. */
interface Elements {
  readonly float32: Float32Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}

/** A name of a graph; a dimension that varies from call to call is -1. */
export interface GraphValue {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Any ONNX graph at work, by the names of its inputs and outputs. Runs on the calling thread. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** The values are not copied: they must not change while a run uses them. */
  tensor<T extends keyof Elements>(type: T, values: Elements[T], shape: readonly number[]): Tensor;
  /** @param fetches outputs that are wanted: what is not named is not copied out */
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees the native memory; nothing may be running. */
  close(): Promise<void>;
}

/** Throws PrerequisiteError when ONNX Runtime is not there, OperationError `MODEL_LOAD_FAILED`. */
export async function openGraph(path: string, intraOpThreads = 1): Promise<Graph> {
  const runtime = await loadRuntime();
  const session = await openSession(runtime, path, intraOpThreads);
  return {
    inputs: session.inputMetadata.map(graphValue),
    outputs: session.outputMetadata.map(graphValue),
    tensor: (type, values, shape) => new runtime.Tensor(type, values as never, shape),
    run: (feeds, fetches) => session.run(feeds, fetches as string[]) as Promise<Record<string, Tensor>>,
    close: () => session.release(),
  };
}

function graphValue(value: InferenceSession.ValueMetadata): GraphValue {
  const shape = value.isTensor ? value.shape.map((size) => (typeof size === 'number' ? size : -1)) : [];
  return { name: value.name, shape };
}
