import { readFile } from 'node:fs/promises';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadFailed, loadRuntime, openSession } from './runtime.js';

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
  /**
   * @param fetches outputs that are wanted: what is not named is not copied out
   * @param into tensors that outputs are written into, for those whose shape is known
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[],
    into?: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees the native memory; nothing may be running. */
  close(): Promise<void>;
}

/**
 * Loads a graph for one thread.
 * @param adapt changes the bytes of the file before they are loaded
 * @throws PrerequisiteError when ONNX Runtime is not there, OperationError `MODEL_LOAD_FAILED`
 */
export async function openGraph(path: string, adapt?: (model: Uint8Array) => Uint8Array): Promise<Graph> {
  const runtime = await loadRuntime();
  const content = adapt === undefined ? undefined : await adapted(path, adapt);
  const session = await openSession(runtime, path, 1, content);
  if (content !== undefined) free(content);
  return {
    inputs: session.inputMetadata.map(graphValue),
    outputs: session.outputMetadata.map(graphValue),
    tensor: (type, values, shape) => new runtime.Tensor(type, values as never, shape),
    run: (feeds, fetches, into = {}) => {
      const wanted = Object.fromEntries(fetches.map((name) => [name, into[name] ?? null]));
      return session.run(feeds, wanted) as Promise<Record<string, Tensor>>;
    },
    close: () => session.release(),
  };
}

async function adapted(path: string, adapt: (model: Uint8Array) => Uint8Array): Promise<Uint8Array> {
  try {
    const file = await readFile(path);
    const content = adapt(file);
    if (content !== file) free(file);
    return content;
  } catch (error) {
    throw loadFailed(path, error);
  }
}

/** Gives tens of megabytes back at once: the garbage collector does not see them, and would keep them for long. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function graphValue(value: InferenceSession.ValueMetadata): GraphValue {
  const shape = value.isTensor ? value.shape.map((size) => (typeof size === 'number' ? size : -1)) : [];
  return { name: value.name, shape };
}
