import { describe, expect, test } from 'vitest';
import { readPickle } from '../../../../src/lib/model/pickle/read-pickle.js';
import { PyGlobal, PyInstance } from '../../../../src/lib/model/pickle/values.js';
import {
  global,
  mark,
  type Part,
  pickle,
  proto,
  stop,
  uint32,
  uint64,
  unicode,
} from '../../../support/pickle-bytes.js';

const read = (...parts: Part[]) => readPickle(pickle(...parts, stop));

/** LONG1 of a number, as Python's pickle.encode_long writes it. */
function long1(value: bigint): Part {
  if (value === 0n) return Buffer.of(0x8a, 0);
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size += 1;
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0');
  return Buffer.concat([Buffer.of(0x8a, size), Buffer.from(hex, 'hex').reverse()]);
}

describe('scalars', () => {
  test('None and bools of every protocol', () => {
    expect(read('N')).toBeNull();
    expect([read('\x88'), read('\x89'), read('I01\n'), read('I00\n')]).toEqual([true, false, true, false]);
  });

  test('integers of every opcode', () => {
    expect(read('I-12\n')).toBe(-12n);
    expect(read('L123456789012345678901L\n')).toBe(123456789012345678901n);
    expect(read('J', uint32(0xffff_fffe))).toBe(-2n);
    expect([read('K\xff'), read('M\xff\x01')]).toEqual([255n, 511n]);
  });

  test.each([
    0n,
    1n,
    -1n,
    127n,
    128n,
    -128n,
    -129n,
    -(2n ** 40n),
    2n ** 63n,
    -(2n ** 80n),
    2n ** 2000n,
    -(2n ** 2000n),
  ])('LONG1 and LONG4 hold %s', (value) => {
    const bytes = Buffer.from(long1(value) as Buffer).subarray(2);
    expect(read(long1(value))).toBe(value);
    expect(read('\x8b', uint32(bytes.length), bytes)).toBe(value);
  });

  test('floats as text and as big-endian binary', () => {
    expect([read('F1.5e-3\n'), read('F-inf\n'), read('Fnan\n')]).toEqual([
      0.0015,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleBE(-0.1);
    expect(read('G', buffer)).toBe(-0.1);
  });

  test('strings of every opcode, with escapes, umlauts and a byte order mark', () => {
    const text = '\uFEFFGröße 𝄞';
    const bytes = Buffer.from(text);
    expect(read(unicode(text))).toBe(text);
    expect(read('\x8c', bytes.length, bytes)).toBe(text);
    expect(read('\x8d', uint64(BigInt(bytes.length)), bytes)).toBe(text);
    expect(read('Va\\u005cb \xe9 \\U0001d11e\n')).toBe('a\\b é 𝄞');
    expect(read('V\x80\x9f\n')).toBe('\x80\x9f');
  });

  test('bytes of every opcode', () => {
    const bytes = Uint8Array.of(0, 255);
    for (const parts of [
      ['C', 2],
      ['B', uint32(2)],
      ['\x8e', uint64(2n)],
      ['\x96', uint64(2n)],
    ] as const) {
      expect(Uint8Array.from(read(...parts, bytes) as Uint8Array)).toEqual(bytes);
    }
  });
});

describe('containers', () => {
  test('tuples and lists', () => {
    expect(read(')')).toEqual([]);
    expect(read('K\x01K\x02K\x03\x87')).toEqual([1n, 2n, 3n]);
    expect(read(mark, 'K\x01K\x02t')).toEqual([1n, 2n]);
    expect(read(']', mark, 'K\x01K\x02eK\x03a')).toEqual([1n, 2n, 3n]);
    expect(read(mark, 'K\x01l')).toEqual([1n]);
  });

  test('dicts keep any key as a key', () => {
    const value = read('}', mark, unicode('__proto__'), 'K\x01', unicode('constructor'), 'K\x02u', 'K\x07Ns');
    expect([...(value as Map<unknown, unknown>)]).toEqual([
      ['__proto__', 1n],
      ['constructor', 2n],
      [7n, null],
    ]);
    expect(read(mark, unicode('a'), 'Nd')).toEqual(new Map([['a', null]]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('sets', () => {
    expect(read('\x8f', mark, 'K\x01K\x01\x90')).toEqual(new Set([1n]));
    expect(read(mark, 'K\x01\x91')).toEqual(new Set([1n]));
  });

  test('the memo of every opcode, shared objects stay shared', () => {
    const shared = read(']q\x05h\x05\x86') as unknown[];
    expect(shared[0]).toBe(shared[1]);
    expect(read(']\x94h\x00\x86')).toEqual([[], []]);
    expect(read(']p7\ng7\n\x86')).toEqual([[], []]);
    expect(read(']r', uint32(70_000), 'j', uint32(70_000), '\x86')).toEqual([[], []]);
  });

  test('POP drops a value or a MARK, DUP doubles, POP_MARK drops down to the MARK', () => {
    expect(read('NK\x010')).toBeNull();
    expect(read('N(0')).toBeNull();
    expect(read('N2\x86')).toEqual([null, null]);
    expect(read('N(K\x01K\x021')).toBeNull();
  });
});

describe('objects', () => {
  test('calls become records of what would have been called', () => {
    const value = read(global('collections', 'OrderedDict'), ')R', mark, unicode('a'), 'K\x01u') as PyInstance;
    expect(value).toBeInstanceOf(PyInstance);
    expect(value.callable.path).toBe('collections.OrderedDict');
    expect(value.entries).toEqual(new Map([['a', 1n]]));
  });

  test('NEWOBJ, NEWOBJ_EX and _reconstructor name the class', () => {
    const ordered = global('sklearn.linear_model._logistic', 'LogisticRegression');
    const name = 'sklearn.linear_model._logistic.LogisticRegression';
    expect((read(ordered, ')\x81') as PyInstance).className).toBe(name);
    expect((read(ordered, ')}\x92') as PyInstance).className).toBe(name);
    const old = read(global('copy_reg', '_reconstructor'), ordered, global('__builtin__', 'object'), 'N\x87R');
    expect((old as PyInstance).className).toBe(name);
  });

  test('STACK_GLOBAL finds what GLOBAL finds', () => {
    const value = read(proto(4), unicode('numpy'), unicode('dtype'), '\x93');
    expect(value).toBeInstanceOf(PyGlobal);
    expect((value as PyGlobal).path).toBe('numpy.dtype');
  });

  test('BUILD keeps the state without applying it', () => {
    const value = read(global('numpy', 'dtype'), ')R}b') as PyInstance;
    expect(value.state).toEqual(new Map());
  });
});
