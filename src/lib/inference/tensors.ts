import type { Tensor } from 'onnxruntime-node';
import { OperationError, UsageError } from '../base/errors/mlops-error.js';

/** Element types of a model's input that rows of numbers convert to. */
export type InputType = 'float32' | 'float64' | 'int64';

/** Class probabilities, row-major: row `r`, class `c` at `values[r * classes + c]`. */
export interface Probabilities {
  readonly values: Float32Array;
  readonly classes: number;
}

/**
 * Converts a batch to what the input tensor holds; FP32 is passed through without a copy.
 * Throws UsageError (`NOT_AN_INTEGER`) for a fraction, NaN or infinity where the model takes INT64.
 */
export function toInputData(type: InputType, rows: Float32Array): Float32Array | Float64Array | BigInt64Array {
  if (type === 'float32') return rows;
  if (type === 'float64') return Float64Array.from(rows);
  const data = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i] as number;
    if (!Number.isInteger(value)) {
      throw new UsageError(`The model takes whole numbers, and value ${i} of the batch is ${value}`, {
        code: 'NOT_AN_INTEGER',
        why: 'Its input is declared as INT64.',
      });
    }
    data[i] = BigInt(value);
  }
  return data;
}

/**
 * One label per row, of a tensor of rank 1 or [rows, 1]. Integers beyond 2^53 lose precision, as any JSON number does.
 * Throws OperationError when the model returned another number of labels than there were rows.
 */
export function toLabels(tensor: Tensor, rowCount: number): (number | string)[] {
  const data = tensor.data;
  if (data.length !== rowCount) {
    throw new OperationError(`The model returned ${data.length} labels for ${rowCount} rows`, {
      code: 'MODEL_OUTPUT_MISMATCH',
      why: 'A classifier returns one label for each row.',
    });
  }
  if (data instanceof BigInt64Array) return int64ToNumbers(data);
  return data instanceof Int32Array ? Array.from(data) : (data as string[]);
}

/** Probabilities as float32, whichever float type the model gives. Throws OperationError when rows do not divide them. */
export function toProbabilities(tensor: Tensor, rowCount: number): Probabilities {
  const data = tensor.data as Float32Array | Float64Array;
  const classes = data.length / rowCount;
  if (!Number.isInteger(classes)) {
    throw new OperationError(`The model returned ${data.length} probabilities for ${rowCount} rows`, {
      code: 'MODEL_OUTPUT_MISMATCH',
      why: 'A classifier returns the same number of probabilities for each row.',
    });
  }
  return { values: data instanceof Float32Array ? data : Float32Array.from(data), classes };
}

/** Reads the two 32-bit halves instead of a BigInt per element. ONNX Runtime exists for little-endian machines only. */
function int64ToNumbers(data: BigInt64Array): number[] {
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  const numbers = new Array<number>(data.length);
  for (let i = 0; i < numbers.length; i++) {
    const low = halves[2 * i] as number;
    const high = halves[2 * i + 1] as number;
    numbers[i] = high === low >> 31 ? low : high * 2 ** 32 + (low >>> 0);
  }
  return numbers;
}
