import { unsupportedPickle } from './errors.js';
import { type PickleValue, PyInstance, typeName } from './values.js';

/** What an array's elements are. `itemSize` is in bytes, 0 for objects, which are pickled one by one. */
export interface Dtype {
  readonly kind: 'float' | 'signed' | 'unsigned' | 'boolean' | 'string' | 'object';
  readonly itemSize: number;
  readonly littleEndian: boolean;
}

const kinds: ReadonlyMap<string, Dtype['kind']> = new Map([
  ['f', 'float'],
  ['i', 'signed'],
  ['u', 'unsigned'],
  ['b', 'boolean'],
  ['U', 'string'],
  ['O', 'object'],
]);

const sizes: Record<Dtype['kind'], readonly number[]> = {
  float: [4, 8],
  signed: [1, 2, 4, 8],
  unsigned: [1, 2, 4, 8],
  boolean: [1],
  string: [],
  object: [],
};

/**
 * Reads `numpy.dtype('f8', False, True)` with its state `(3, '<', ...)`: the byte order is in the state, '=' and '|'
 * mean the machine that wrote it, taken for little-endian. Throws UsageError for anything but plain numbers, bools,
 * strings and objects (records, dates, complex numbers, bytes).
 */
export function readDtype(value: PickleValue | undefined): Dtype {
  if (!(value instanceof PyInstance) || value.className !== 'numpy.dtype') {
    throw unsupportedPickle(`An array's element type should be a numpy.dtype, it is ${typeName(value)}.`);
  }
  const text = value.args[0];
  const match = typeof text === 'string' ? /^[<>=|]?([a-zA-Z])(\d{0,9})$/.exec(text) : null;
  const kind = kinds.get(match?.[1] ?? '');
  const state = Array.isArray(value.state) ? value.state : [];
  const isRecord = (state[2] ?? null) !== null || (state[3] ?? null) !== null;
  if (match === null || kind === undefined || isRecord) throw unknownDtype(text);
  const number = Number(match[2]);
  if (kind !== 'string' && kind !== 'object' && !sizes[kind].includes(number)) throw unknownDtype(text);
  // A zero size would let a shape of any size pass for the data that is there.
  if (kind === 'string' && number === 0) throw unknownDtype(text);
  const itemSize = kind === 'object' ? 0 : kind === 'string' ? number * 4 : number;
  return { kind, itemSize, littleEndian: state[1] !== '>' };
}

function unknownDtype(text: PickleValue | undefined) {
  const shown = typeof text === 'string' ? `'${text.slice(0, 20)}'` : typeName(text);
  return unsupportedPickle(`Arrays of dtype ${shown} are not read, only numbers, bools and strings.`);
}
