import { UsageError } from '../../base/errors/mlops-error.js';

/** The pickle is readable, but what it holds cannot become an ONNX model. */
export function notImportable(why: string, actions: readonly string[] = []): UsageError {
  return new UsageError('The model in the pickle cannot be imported', {
    code: 'MODEL_NOT_IMPORTABLE',
    why,
    actions: [...actions, "Or convert it in Python: skl2onnx.to_onnx(model, X, options={'zipmap': False})"],
  });
}
