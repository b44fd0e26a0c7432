import { ByteReader } from './byte-reader.js';
import { invalidPickle, overLimit, unsupportedPickle } from './errors.js';
import { decompress, readInlineArray } from './joblib.js';
import { defaultPickleLimits, type PickleLimits } from './limits.js';
import { PickleMachine } from './machine.js';
import { opcodes } from './opcodes.js';
import { checkStructure } from './structure.js';
import type { PickleValue, PyInstance } from './values.js';

export interface ReadPickleOptions {
  readonly limits?: Partial<PickleLimits>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

const stop = 0x2e;
const stepsBetweenClockChecks = 4096;

/**
 * Reads a pickle of protocol 0 to 5, or a file of `joblib.dump` (plain, zlib or gzip), as data. Nothing in it is ever
 * called, imported or evaluated: names outside the allow-list are refused, allowed ones become inert records.
 * Throws UsageError: `PICKLE_INVALID`, `PICKLE_UNSUPPORTED`, `PICKLE_GLOBAL_REFUSED` or `PICKLE_OVER_LIMIT`.
 */
export function readPickle(bytes: Uint8Array, options: ReadPickleOptions = {}): PickleValue {
  const limits = { ...defaultPickleLimits, ...options.limits };
  const checkTime = deadline(limits, options.now ?? (() => performance.now()));
  const tick = opcodeBudget(limits, checkTime);
  if (bytes.length > limits.bytes) throw overLimit('bytes', limits.bytes, 'bytes');
  const reader = new ByteReader(decompress(bytes, limits));
  const readNested = () => run(new PickleMachine(reader, limits, refuseInlineArray), tick);
  const machine = new PickleMachine(reader, limits, (instance) => readInlineArray(instance, reader, readNested));
  const result = run(machine, tick);
  if (reader.remaining > 0) {
    throw invalidPickle(`${reader.remaining} bytes follow the end of the pickle: several in one file?`);
  }
  checkStructure(result, limits, checkTime);
  return result;
}

function run(machine: PickleMachine, tick: () => void): PickleValue {
  const { reader } = machine;
  for (;;) {
    tick();
    const code = reader.uint8();
    if (code === stop) return machine.result();
    const opcode = opcodes.get(code);
    if (opcode === undefined) throw invalidPickle(`0x${code.toString(16)} is not a pickle opcode`, reader.offset - 1);
    opcode(machine);
  }
}

/** Counts the opcodes of the whole file. */
function opcodeBudget(limits: PickleLimits, checkTime: () => void): () => void {
  let count = 0;
  return () => {
    count++;
    if (count > limits.opcodes) throw overLimit('opcodes', limits.opcodes, 'opcodes');
    checkTime();
  };
}

/** Looks at the clock now and then: it costs more than an opcode. */
function deadline(limits: PickleLimits, now: () => number): () => void {
  const end = now() + limits.timeMs;
  let steps = 0;
  return () => {
    steps++;
    if (steps % stepsBetweenClockChecks === 0 && now() > end) {
      throw overLimit('timeMs', limits.timeMs, 'milliseconds of reading');
    }
  };
}

/** The array of objects inside a joblib file is a plain pickle. */
function refuseInlineArray(instance: PyInstance): void {
  if (instance.className === 'joblib.numpy_pickle.NumpyArrayWrapper') {
    throw unsupportedPickle('An array of objects contains an array of joblib.');
  }
}
