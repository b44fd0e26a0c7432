import { refusedGlobal } from './errors.js';
import { PyGlobal } from './values.js';

/**
 * Every name that a pickle may refer to, and nothing else. To each belongs only an inert record; what reads the record
 * knows what it means. Module paths are those of all supported versions: scikit-learn before 0.22 wrote
 * `linear_model.logistic`, NumPy before 2.0 `numpy.core`, protocols 0 to 2 the module names of Python 2.
 */
const allowed: readonly (readonly [modules: readonly string[], names: readonly string[], kind: PyGlobal['kind']])[] = [
  [['sklearn.linear_model._logistic', 'sklearn.linear_model.logistic'], ['LogisticRegression'], 'class'],
  [['numpy.core.multiarray', 'numpy._core.multiarray'], ['_reconstruct', 'scalar'], 'function'],
  [['numpy.core.numeric', 'numpy._core.numeric'], ['_frombuffer'], 'function'],
  [['numpy'], ['ndarray', 'dtype'], 'class'],
  [['joblib.numpy_pickle'], ['NumpyArrayWrapper'], 'class'],
  // random_state=RandomState(...) is part of a model's parameters.
  [['numpy.random._pickle'], ['__randomstate_ctor', '__bit_generator_ctor'], 'function'],
  [['numpy.random._mt19937'], ['MT19937'], 'class'],
  [['collections'], ['OrderedDict'], 'class'],
  [['copyreg', 'copy_reg'], ['_reconstructor'], 'function'],
  [['builtins', '__builtin__'], ['object', 'set', 'frozenset', 'bytes', 'bytearray'], 'class'],
  [['_codecs'], ['encode'], 'function'],
];

const python2Modules: ReadonlyMap<string, string> = new Map([
  ['copy_reg', 'copyreg'],
  ['__builtin__', 'builtins'],
]);

const table: ReadonlyMap<string, PyGlobal> = new Map(
  allowed.flatMap(([modules, names, kind]) =>
    modules.flatMap((module) =>
      names.map(
        (name) => [`${module}\n${name}`, new PyGlobal(python2Modules.get(module) ?? module, name, kind)] as const,
      ),
    ),
  ),
);

/** The inert record of an allowed name. Throws UsageError (`PICKLE_GLOBAL_REFUSED`) that names any other. */
export function findGlobal(module: string, name: string): PyGlobal {
  const found = table.get(`${module}\n${name}`);
  if (found === undefined) throw refusedGlobal(module, name);
  return found;
}
