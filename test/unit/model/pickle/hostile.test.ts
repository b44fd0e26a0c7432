import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readPickle } from '../../../../src/lib/model/pickle/read-pickle.js';
import { errorOf } from '../../../support/errors.js';
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

const refusal = (...parts: Part[]) => errorOf(() => readPickle(pickle(...parts, stop)));
const names = (module: string, name: string) => [proto(4), unicode(module), unicode(name), '\x93'] as const;

describe('names outside the allow-list are refused by name, however they are written', () => {
  test.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'getattr'],
    ['__builtin__', 'getattr'],
    ['builtins', '__import__'],
    ['subprocess', 'Popen'],
    ['numpy', 'load'],
    ['numpy.core.multiarray', '_reconstruct.__globals__'],
    ['sklearn.linear_model._logistic', 'LogisticRegression.__init__'],
    ['__proto__', 'constructor'],
    ['constructor', 'prototype'],
  ])('%s.%s', async (module, name) => {
    const call = [unicode('id'), '\x85R'] as const;
    for (const parts of [
      [global(module, name), ...call],
      [...names(module, name), ...call],
      [`i${module}\n${name}\n`],
    ]) {
      const error = await refusal(...parts);
      expect(error).toMatchObject({ code: 'PICKLE_GLOBAL_REFUSED', exitCode: 2 });
      expect(error.message).toContain(`${module}.${name} is not on the allow-list`);
    }
  });

  test('a module and a name are not glued: numpy.core + multiarray._reconstruct is another name', async () => {
    expect((await refusal(...names('numpy.core', 'multiarray._reconstruct'))).code).toBe('PICKLE_GLOBAL_REFUSED');
  });

  test('other scikit-learn classes and sparse coefficients say what to do instead', async () => {
    const pipeline = await refusal(global('sklearn.pipeline', 'Pipeline'));
    expect(pipeline.why).toContain('imports LogisticRegression only');
    expect(pipeline.actions.join()).toContain('skl2onnx');
    const sparse = await refusal(global('scipy.sparse._csr', 'csr_matrix'));
    expect(sparse.actions.join()).toContain('densify');
  });

  test('control characters of a name do not reach the terminal', async () => {
    expect((await refusal(global('os\x1b[2J', 'system'))).message).toContain('os?[2J.system');
  });
});

describe('things that Python could do and this cannot', () => {
  test.each([
    ['P1\n', 'persistent ids'],
    ['NQ', 'persistent ids'],
    ['\x82\x01', 'extension registry'],
    ['\x83\x01\x00', 'extension registry'],
    ['\x84\x01\x00\x00\x00', 'extension registry'],
    ['\x97', 'out-of-band buffers'],
    ['N\x98', 'out-of-band buffers'],
    ["S'a'\n", 'byte strings of Python 2'],
    ['U\x01a', 'byte strings of Python 2'],
    ['(cnumpy\nndarray\no', 'OBJ'],
    ['(inumpy\nndarray\n', 'INST'],
  ])('%j', async (opcodes, why) => {
    const error = await refusal(opcodes);
    expect(error.code).toBe('PICKLE_UNSUPPORTED');
    expect(error.why).toContain(why);
  });

  test.each([
    ['a value is called', 'K\x01)R'],
    ['a function is made like a class', `${global('_codecs', 'encode')})\x81`],
    ['arguments are no tuple', `${global('numpy', 'dtype')}NR`],
    ['keyword arguments', `${global('numpy', 'dtype')})}X\x01\x00\x00\x00aNs\x92`],
    ['the state of a class is set', `${global('numpy', 'ndarray')}}b`],
    ['the state of a dict is set', '}}b'],
    ['the state is set twice', `${global('numpy', 'dtype')})R}b}b`],
    ['items are appended to a dict', '}Na'],
    ['keys are set on a list', ']NNs'],
    ['items are added to a list', '](N\x90'],
  ])('%s', async (_, opcodes) => {
    expect((await refusal(opcodes)).code).toBe('PICKLE_INVALID');
  });
});

describe('damaged', () => {
  test.each([
    ['no opcode', '\xff'],
    ['protocol 6', '\x80\x06N'],
    ['empty stack', ''],
    ['two values left', 'NN'],
    ['a MARK left', 'N('],
    ['a MARK missing', 'Nt'],
    ['a value below the MARK', 'N(\x85'],
    ['a memo entry that is not there', 'h\x07'],
    ['a negative memo index', 'Ng-1\n'],
    ['nothing to remember', 'q\x00'],
    ['a key without a value', '}(Nu'],
    ['text that is no integer', 'I1x\n'],
    ['text that is no float', 'F1.2.3\n'],
    ['a decimal beyond the limit of Python', `L${'9'.repeat(4301)}L\n`],
    ['a string that is not UTF-8', 'X\x01\x00\x00\x00\xff'],
    ['a character beyond Unicode', 'V\\U00110000\n'],
    ['a negative length', '\x8b\xff\xff\xff\xff'],
    ['a line without an end', 'Vabc'],
  ])('%s', async (_, opcodes) => {
    expect((await refusal(opcodes)).code).toBe('PICKLE_INVALID');
  });

  test('lengths beyond the file are refused before anything is allocated', async () => {
    for (const parts of [
      ['\x8d', uint64(2n ** 40n)],
      ['\x8e', uint64(2n ** 63n)],
      ['\x96', uint64(2n ** 64n - 1n)],
      ['\x95', uint64(2n ** 40n)],
      ['B', uint32(0xffff_ffff)],
      ['X', uint32(0x7fff_ffff)],
      ['\x8b', uint32(0x7fff_ffff)],
    ]) {
      expect((await refusal(...parts)).why).toContain('ends too early');
    }
  });

  test('bytes after the end', async () => {
    const error = await errorOf(() => readPickle(pickle('N.N.')));
    expect(error.why).toContain('2 bytes follow');
  });

  test('an object that contains itself', async () => {
    expect((await refusal(']q\x00h\x00a')).why).toContain('contains itself');
    expect((await refusal(']q\x00(h\x00te')).code).toBe('PICKLE_INVALID');
  });

  test('a damaged compressed file, and a compression that is not read', async () => {
    const compressed = deflateSync(Buffer.from('N.'.repeat(100)));
    expect((await errorOf(() => readPickle(compressed.subarray(0, 10)))).code).toBe('PICKLE_INVALID');
    const xz = pickle('\xfd7zXZ\x00');
    expect((await errorOf(() => readPickle(xz))).why).toContain('xz-compressed');
  });
});

describe('limits are named when they are reached', () => {
  const limited = (limits: object, ...parts: Part[]) => errorOf(() => readPickle(pickle(...parts, stop), { limits }));

  test.each([
    ['bytes', { bytes: 3 }, ['NNNN']],
    ['opcodes', { opcodes: 10 }, ['N0'.repeat(6), 'N']],
    ['memo', { memo: 2 }, [']\x94\x94\x94']],
    ['depth', { depth: 5 }, [mark.repeat(6)]],
    ['depth', {}, [']'.repeat(200), 'a'.repeat(199)]],
    ['depth', {}, [')', '\x85'.repeat(100_000)]],
    ['nodes', {}, [']\x94', '2\x862\x86'.repeat(24)]],
  ])('%s', async (name, limits, parts) => {
    const error = await limited(limits, ...(parts as Part[]));
    expect(error.code).toBe('PICKLE_OVER_LIMIT');
    expect(error.why).toContain(`Limit '${name}'`);
  });

  test('depth counts what was nested later, through the memo, without a nested MARK', async () => {
    const index = (i: number) => uint32(i).toString('latin1');
    const steps = Array.from({ length: 200 }, (_, i) => `]r${index(i + 1)}j${index(i)}a`);
    const error = await refusal(mark, `]r${index(0)}`, ...steps, 't');
    expect(error.why).toContain("Limit 'depth'");
  });

  test('time, by the clock that is given', async () => {
    let milliseconds = 0;
    const slowClock = () => (milliseconds += 600);
    const bytes = pickle('N0'.repeat(50_000), 'N', stop);
    expect(readPickle(bytes)).toBeNull();
    const error = await errorOf(() => readPickle(bytes, { limits: { timeMs: 1000 }, now: slowClock }));
    expect(error.why).toContain("Limit 'timeMs'");
  });

  test('a compressed bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * 2 ** 20));
    const error = await errorOf(() => readPickle(bomb, { limits: { uncompressedBytes: 2 ** 20 } }));
    expect(error.message).toContain('1,048,576 bytes once it is uncompressed');
    expect(error.why).toContain("Limit 'uncompressedBytes'");
    expect(error.actions[0]).toContain('without compression');
  });
});
