import { describe, expect, test } from 'vitest';
import { readArray, readScalar } from '../../../../src/lib/model/pickle/numpy.js';
import { type PickleValue, PyGlobal, PyInstance } from '../../../../src/lib/model/pickle/values.js';
import { errorOf } from '../../../support/errors.js';

const ndarray = new PyGlobal('numpy', 'ndarray', 'class');
const reconstruct = new PyGlobal('numpy._core.multiarray', '_reconstruct', 'function');
const fromBuffer = new PyGlobal('numpy._core.numeric', '_frombuffer', 'function');
const scalar = new PyGlobal('numpy._core.multiarray', 'scalar', 'function');
const encode = new PyGlobal('_codecs', 'encode', 'function');

function dtype(text: string, order: '<' | '>' | '|' = '<', fields: PickleValue = null): PyInstance {
  const instance = new PyInstance(new PyGlobal('numpy', 'dtype', 'class'), [text, false, true]);
  instance.state = [3n, order, null, fields, null, -1n, -1n, 0n];
  return instance;
}

function array(type: PickleValue, shape: readonly bigint[], data: PickleValue, fortran = false): PyInstance {
  const instance = new PyInstance(reconstruct, [ndarray, [0n], Uint8Array.of(98)]);
  instance.state = [1n, [...shape], type, fortran, data];
  return instance;
}

const bytesOf = (values: { buffer: ArrayBufferLike }) => new Uint8Array(values.buffer);
const values = (instance: PyInstance) => Array.from(readArray(instance)?.values as Iterable<PickleValue>);

describe('element types', () => {
  test.each([
    ['f8', Float64Array.of(0.1, -2)],
    ['f4', Float32Array.of(0.5, -2)],
  ])('%s', (type, data) => {
    expect(values(array(dtype(type), [2n], bytesOf(data)))).toEqual([...data]);
  });

  test.each([
    ['i8', BigInt64Array.of(-1n, 2n ** 62n)],
    ['u8', BigUint64Array.of(1n, 2n ** 64n - 1n)],
    ['i4', Int32Array.of(-1, 7)],
    ['u4', Uint32Array.of(1, 2 ** 32 - 1)],
    ['i2', Int16Array.of(-1, 7)],
    ['i1', Int8Array.of(-1, 7)],
    ['u1', Uint8Array.of(255, 7)],
  ])('%s', (type, data) => {
    expect(values(array(dtype(type), [2n], bytesOf(data)))).toEqual(Array.from(data as Iterable<number>, BigInt));
  });

  test('bools, strings padded with NUL, objects', () => {
    expect(values(array(dtype('b1', '|'), [2n], Uint8Array.of(0, 1)))).toEqual([false, true]);
    const text = Uint32Array.of(97, 0, 0, 0x1d11e, 98, 0);
    expect(values(array(dtype('U3'), [2n], bytesOf(text)))).toEqual(['a', '𝄞b']);
    expect(values(array(dtype('O8', '|'), [2n], ['a', 1n]))).toEqual(['a', 1n]);
  });

  test('big-endian numbers and strings', () => {
    expect(values(array(dtype('i2', '>'), [1n], Uint8Array.of(1, 2)))).toEqual([258n]);
    expect(values(array(dtype('f4', '>'), [1n], Uint8Array.of(0x3f, 0x80, 0, 0)))).toEqual([1]);
    expect(values(array(dtype('U1', '>'), [1n], Uint8Array.of(0, 0, 0, 97)))).toEqual(['a']);
  });

  test.each(['c16', 'M8[ns]', 'S3', 'V8', 'f16', 'f3', 'U0', 'U', 'x', ''])(
    '%j is refused by its name',
    async (type) => {
      const error = await errorOf(() => readArray(array(dtype(type), [0n], new Uint8Array())));
      expect(error.why).toContain(`'${type}'`);
    },
  );

  test('records are refused', async () => {
    const record = dtype('f8', '|', ['a']);
    expect((await errorOf(() => readArray(array(record, [0n], new Uint8Array())))).code).toBe('PICKLE_UNSUPPORTED');
  });
});

describe('layout', () => {
  const columns = bytesOf(Float64Array.of(1, 4, 2, 5, 3, 6));

  test('Fortran order becomes row by row', () => {
    const fortran = readArray(array(dtype('f8'), [2n, 3n], columns, true));
    expect(fortran).toEqual({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) });
    const buffer = new PyInstance(fromBuffer, [columns, dtype('f8'), [2n, 3n], 'F']);
    expect(readArray(buffer)).toEqual(fortran);
  });

  test('bytes of protocols 0 to 2 are Latin-1 text', () => {
    const text = new PyInstance(encode, ['\x00\xff', 'latin1']);
    expect(values(array(dtype('u1'), [2n], text))).toEqual([0n, 255n]);
    const none = new PyInstance(new PyGlobal('builtins', 'bytes', 'class'), []);
    expect(values(array(dtype('u1'), [0n], none))).toEqual([]);
  });

  test('data that do not start at a multiple of the element size', () => {
    const shifted = new Uint8Array(9);
    shifted.set(bytesOf(Float64Array.of(0.1)), 1);
    expect(values(array(dtype('f8'), [1n], shifted.subarray(1)))).toEqual([0.1]);
  });

  test.each([
    ['too little data', array(dtype('f8'), [2n], new Uint8Array(8))],
    ['too much data', array(dtype('f8'), [1n], new Uint8Array(16))],
    ['a size beyond any file', array(dtype('f8'), [2n ** 60n], new Uint8Array(8))],
    ['sizes whose product overflows', array(dtype('f8'), [2n ** 40n, 2n ** 40n], new Uint8Array(8))],
    ['a negative size', array(dtype('f8'), [-1n], new Uint8Array(8))],
    ['fewer objects than announced', array(dtype('O8'), [3n], ['a'])],
    ['objects that are bytes', array(dtype('O8'), [3n], new Uint8Array(3))],
    ['data that are text', array(dtype('u1'), [1n], 'a')],
    ['text that is not Latin-1', array(dtype('u1'), [1n], new PyInstance(encode, ['€', 'latin1']))],
    ['another encoding', array(dtype('u1'), [1n], new PyInstance(encode, ['a', 'rot13']))],
    ['a character beyond Unicode', array(dtype('U1'), [1n], bytesOf(Uint32Array.of(0x110000)))],
    ['no state', new PyInstance(reconstruct, [ndarray, [0n], 'b'])],
  ])('%s is refused', async (_, instance) => {
    expect((await errorOf(() => readArray(instance))).code).toBe('PICKLE_INVALID');
  });

  test('more than two dimensions and other array classes are refused', async () => {
    const cube = array(dtype('f8'), [1n, 1n, 1n], new Uint8Array(8));
    expect((await errorOf(() => readArray(cube))).why).toContain('3 dimensions');
    const other = new PyInstance(reconstruct, [new PyGlobal('builtins', 'set', 'class'), [0n], 'b']);
    expect((await errorOf(() => readArray(other))).why).toContain('builtins.set');
  });

  test('an empty dimension next to a huge one is just empty', () => {
    expect(values(array(dtype('f8'), [2n ** 50n, 0n], new Uint8Array(), true))).toEqual([]);
  });
});

test('scalars become plain values, anything else stays', () => {
  expect(readScalar(new PyInstance(scalar, [dtype('i8'), bytesOf(BigInt64Array.of(-3n))]))).toBe(-3n);
  expect(readScalar(new PyInstance(scalar, [dtype('f8'), bytesOf(Float64Array.of(0.5))]))).toBe(0.5);
  expect(readScalar('a')).toBe('a');
});
