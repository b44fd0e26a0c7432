import { UsageError } from '../../base/errors/mlops-error.js';
import type { PickleLimits } from './limits.js';

const saveAgain = 'Save the model again in Python: pickle.dump(model, open("model.pkl", "wb"))';
const saveUncompressed = 'Save the model without compression in Python: joblib.dump(model, "model.joblib")';
const exportToOnnx =
  "Or convert it in Python: skl2onnx.to_onnx(model, X, options={'zipmap': False}), saved as a .onnx file";

/** The bytes are no valid pickle. `offset` is where reading stopped. */
export function invalidPickle(why: string, offset?: number): UsageError {
  return new UsageError('The pickle cannot be read', {
    code: 'PICKLE_INVALID',
    why: offset === undefined ? why : `${why} (at byte ${offset}).`,
    actions: [saveAgain],
  });
}

/** Valid, but it needs something that only a running Python could give. */
export function unsupportedPickle(why: string): UsageError {
  return new UsageError('The pickle uses a feature that is not read here', {
    code: 'PICKLE_UNSUPPORTED',
    why,
    actions: [saveAgain, exportToOnnx],
  });
}

/** A limit was reached; `limit` is its name in PickleLimits. */
export function overLimit(limit: keyof PickleLimits, value: number, what: string): UsageError {
  return new UsageError(`The pickle is over the limit of ${value.toLocaleString('en-US')} ${what}`, {
    code: 'PICKLE_OVER_LIMIT',
    why: `Limit '${limit}' protects this machine from pickles made to exhaust it; a linear model stays far below.`,
    actions: limit === 'uncompressedBytes' ? [saveUncompressed, exportToOnnx] : [exportToOnnx],
  });
}

/** A global that is not on the allow-list, by name. */
export function refusedGlobal(module: string, name: string): UsageError {
  const path = printable(`${module}.${name}`);
  return new UsageError(`The pickle was refused: ${path} is not on the allow-list`, {
    code: 'PICKLE_GLOBAL_REFUSED',
    ...adviceOn(module),
  });
}

function adviceOn(module: string): { why: string; actions: string[] } {
  if (module.startsWith('sklearn.')) {
    const why = 'Of scikit-learn this version imports LogisticRegression only, not inside a Pipeline or a search.';
    return { why, actions: [exportToOnnx.replace('Or convert', 'Convert')] };
  }
  if (module.startsWith('scipy.sparse')) {
    return {
      why: 'The coefficients are sparse.',
      actions: ['Call model.densify() in Python before pickling it', exportToOnnx],
    };
  }
  return {
    why: 'A pickle can name any code to run. None was run: only names that a LogisticRegression needs are read here.',
    actions: ['Do not load the file in Python unless you trust where it is from', saveAgain],
  };
}

/** Text of a pickle in a message: no control characters, no flood. */
export function printable(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 120)}...` : text;
  return shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
