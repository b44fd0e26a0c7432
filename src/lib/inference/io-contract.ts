import type { InferenceSession } from 'onnxruntime-node';
import { UsageError } from '../base/errors/mlops-error.js';
import type { Model } from '../model/types.js';
import type { InputType } from './tensors.js';

type ValueMetadata = InferenceSession.ValueMetadata;
type Metadata = readonly ValueMetadata[];

/** Which of a model's inputs and outputs a tabular classifier is served through. */
export interface IoContract {
  readonly input: string;
  readonly inputType: InputType;
  readonly features: number;
  readonly label: string;
  readonly labelType: 'integer' | 'string';
  readonly probabilities?: string;
}

const inputTypes: readonly string[] = ['float32', 'float64', 'int64'] satisfies InputType[];

/**
 * Finds the one two-dimensional numeric input, the label output (the first integer or string output) and the
 * probability output (the first float output; optional). Throws UsageError (`UNSUPPORTED_MODEL`) that says what the
 * model has instead and how to export one that fits.
 */
export function ioContract(model: Model, inputs: Metadata, outputs: Metadata): IoContract {
  const { input, type, features } = inputColumns(model, inputs);
  refuseZipMap(model, outputs);
  const label = outputs.find((o) => o.isTensor && ['int64', 'int32', 'string'].includes(o.type));
  if (!label?.isTensor) {
    throw unsupported(model, 'it has no label output', `${describe(outputs)}: a regression model or bare scores.`, [
      'Export a classifier whose first integer or string output is the predicted class',
    ]);
  }
  const probabilities = outputs.find((o) => o.isTensor && (o.type === 'float32' || o.type === 'float64'));
  return {
    input,
    inputType: type,
    features,
    label: label.name,
    labelType: label.type === 'string' ? 'string' : 'integer',
    ...(probabilities === undefined ? {} : { probabilities: probabilities.name }),
  };
}

function inputColumns(model: Model, inputs: Metadata): { input: string; type: InputType; features: number } {
  const input = inputs[0];
  if (inputs.length !== 1 || !input?.isTensor || !inputTypes.includes(input.type) || input.shape.length !== 2) {
    throw unsupported(model, 'it is not a model of rows of numbers', `${describe(inputs)}.`, [
      'Export a model with one input of shape [rows, columns] and type float32, float64 or int64',
    ]);
  }
  const [rows, columns] = input.shape;
  if (typeof rows === 'number') {
    throw unsupported(model, `it takes exactly ${rows} row${rows === 1 ? '' : 's'} a call`, `${describe(inputs)}.`, [
      'Export it with a dynamic first dimension (dynamic_axes, or an initial type of [None, columns])',
    ]);
  }
  const features = typeof columns === 'number' ? columns : model.signature.featureNames?.length;
  if (features === undefined || features < 1) {
    throw unsupported(model, 'it does not say how many columns it takes', `${describe(inputs)}.`, [
      'Export it with a fixed second dimension, or name the features in the card beside it',
    ]);
  }
  return { input: input.name, type: input.type as InputType, features };
}

function refuseZipMap(model: Model, outputs: Metadata): void {
  const zipped = outputs.find((output) => !output.isTensor);
  if (zipped === undefined) return;
  throw unsupported(model, `its output '${zipped.name}' is not a tensor`, 'A ZipMap wraps the probabilities in maps.', [
    "Export it without ZipMap: skl2onnx's to_onnx(model, X, options={'zipmap': False})",
  ]);
}

function describe(values: Metadata): string {
  const parts = values.map((value) =>
    value.isTensor ? `${value.name} ${value.type} [${value.shape.map((d) => d || '?').join(', ')}]` : value.name,
  );
  return `It has ${parts.length === 0 ? 'none' : parts.join('; ')}`;
}

function unsupported(model: Model, what: string, why: string, actions: readonly string[]): UsageError {
  return new UsageError(`Model '${model.name}' cannot be served: ${what}`, {
    code: 'UNSUPPORTED_MODEL',
    why,
    actions: [...actions, `mlops model inspect ${model.path}`],
  });
}
