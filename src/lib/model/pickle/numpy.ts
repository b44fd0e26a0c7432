import { invalidPickle, unsupportedPickle } from './errors.js';
import { type Dtype, readDtype } from './numpy-dtype.js';
import { type PickleValue, PyGlobal, PyInstance, typeName } from './values.js';

/** A numpy array of up to two dimensions, its elements in C order (row by row). */
export interface NdArray {
  readonly shape: readonly number[];
  readonly values: Float64Array | readonly PickleValue[];
}

/**
 * The array that an inert record describes: `_reconstruct(ndarray, ...)` with its state (protocols 0 to 4), or
 * `_frombuffer(buffer, dtype, shape, order)` (protocol 5). undefined when the record is no array.
 * Throws UsageError when it is one that is damaged or of an unsupported kind.
 */
export function readArray(value: PickleValue | undefined): NdArray | undefined {
  if (!(value instanceof PyInstance)) return undefined;
  const { callable, args, state } = value;
  if (callable.name === '_frombuffer') {
    const [buffer, dtype, shape, order] = args;
    return elements(readDtype(dtype), readShape(shape), order === 'F', buffer);
  }
  if (value.inline !== undefined && state instanceof Map) {
    if (value.inline instanceof PyInstance) return readArray(value.inline);
    const { dtype, shape, isFortran } = arrayWrapper(state);
    return elements(dtype, shape, isFortran, value.inline);
  }
  if (callable.name !== '_reconstruct') return undefined;
  const [arrayClass] = args;
  if (!(arrayClass instanceof PyGlobal) || arrayClass.path !== 'numpy.ndarray') {
    throw unsupportedPickle(`An array is of class ${typeName(arrayClass)}, only numpy.ndarray is read.`);
  }
  if (!Array.isArray(state) || state.length !== 5) throw invalidPickle('An array has no state of five parts.');
  const [, shape, dtype, isFortran, data] = state;
  return elements(readDtype(dtype), readShape(shape), isFortran === true, data);
}

/** What joblib's NumpyArrayWrapper says of the array whose bytes follow it. `byteLength` is undefined for objects. */
export function arrayWrapper(state: ReadonlyMap<PickleValue, PickleValue>) {
  const dtype = readDtype(state.get('dtype'));
  const shape = readShape(state.get('shape'));
  const count = shape.reduce((product, size) => product * size, 1);
  const byteLength = dtype.kind === 'object' ? undefined : count * dtype.itemSize;
  return { dtype, shape, isFortran: state.get('order') === 'F', byteLength };
}

/** A numpy scalar, `scalar(dtype, bytes)`, as the plain value; everything else is returned as it is. */
export function readScalar(value: PickleValue): PickleValue {
  if (!(value instanceof PyInstance) || value.callable.name !== 'scalar') return value;
  const dtype = readDtype(value.args[0]);
  if (dtype.kind === 'object') throw unsupportedPickle('A numpy scalar holds an object.');
  const { values } = elements(dtype, [], false, value.args[1]);
  return values[0] as PickleValue;
}

function readShape(value: PickleValue | undefined): number[] {
  const shape = Array.isArray(value) ? value.map((size) => (typeof size === 'bigint' ? Number(size) : -1)) : [-1];
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw invalidPickle('An array has no valid shape.');
  if (shape.length > 2) throw unsupportedPickle(`An array has ${shape.length} dimensions, two at most are read.`);
  return shape;
}

/** Sizes are compared with the data that is there before anything is allocated for them. */
function elements(dtype: Dtype, shape: number[], isFortran: boolean, data: PickleValue | undefined): NdArray {
  const count = shape.reduce((product, size) => product * size, 1);
  if (dtype.kind === 'object') {
    if (!Array.isArray(data) || data.length !== count) {
      throw invalidPickle(`An array of ${count} objects holds ${Array.isArray(data) ? data.length : typeName(data)}.`);
    }
    return { shape, values: isFortran ? toRows([...data], shape) : data };
  }
  const bytes = readBytes(data);
  if (bytes.length !== count * dtype.itemSize) {
    throw invalidPickle(`An array announces ${count * dtype.itemSize} bytes of data, it holds ${bytes.length}.`);
  }
  const values = decode(dtype, bytes, count);
  return { shape, values: isFortran ? toRows(values, shape) : values };
}

function decode(dtype: Dtype, bytes: Uint8Array, count: number): Float64Array | PickleValue[] {
  const { kind, itemSize, littleEndian } = dtype;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'float') {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      values[i] = itemSize === 8 ? view.getFloat64(i * 8, littleEndian) : view.getFloat32(i * 4, littleEndian);
    }
    return values;
  }
  return Array.from({ length: count }, (_, i) => {
    if (kind === 'string') return decodeUcs4(view, i * itemSize, itemSize / 4, littleEndian);
    if (kind === 'boolean') return view.getUint8(i) !== 0;
    return decodeInteger(view, i * itemSize, dtype);
  });
}

function decodeInteger(view: DataView, offset: number, { kind, itemSize, littleEndian }: Dtype): bigint {
  let value = 0n;
  for (let i = 0; i < itemSize; i++) {
    const byte = view.getUint8(offset + (littleEndian ? itemSize - 1 - i : i));
    value = value * 256n + BigInt(byte);
  }
  return kind === 'signed' ? BigInt.asIntN(itemSize * 8, value) : value;
}

/** '<U5' holds five UCS-4 characters, shorter strings padded with NUL. */
function decodeUcs4(view: DataView, offset: number, length: number, littleEndian: boolean): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const code = view.getUint32(offset + i * 4, littleEndian);
    if (code > 0x10ffff) throw invalidPickle('A character of an array is beyond Unicode.');
    text += String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, '');
}

/** From column by column (Fortran order) to row by row. One dimension has no order. */
function toRows<T extends Float64Array | PickleValue[]>(columns: T, shape: readonly number[]): T {
  const [rows = 0, width = 0] = shape;
  // Without elements a dimension can still be of any size.
  if (shape.length !== 2 || columns.length === 0) return columns;
  const result = columns.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      result[row * width + column] = columns[column * rows + row] as never;
    }
  }
  return result;
}

/** Protocols 0 to 2 have no bytes: they write `_codecs.encode(text, 'latin1')`, and `bytes()` for none at all. */
function readBytes(value: PickleValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof PyInstance) {
    const { callable, args } = value;
    const [text, encoding] = args;
    const isBytes = ['_codecs.encode', 'builtins.bytes', 'builtins.bytearray'].includes(callable.path);
    if (isBytes && args.length === 0) return new Uint8Array();
    if (isBytes && typeof text === 'string' && (encoding === 'latin1' || encoding === 'latin-1')) return latin1(text);
    if (callable.path !== '_codecs.encode' && isBytes && args.length === 1 && text instanceof Uint8Array) return text;
  }
  throw invalidPickle(`An array's data should be bytes, it is ${typeName(value)}.`);
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw invalidPickle('The text of an array is not Latin-1.');
    bytes[i] = code;
  }
  return bytes;
}
