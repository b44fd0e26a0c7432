import { unsupportedPickle } from './errors.js';
import { findGlobal } from './globals.js';
import type { PickleMachine } from './machine.js';
import { type PickleValue, typeName } from './values.js';

type Opcode = (machine: PickleMachine) => void;

const newestProtocol = 5;

/**
 * All opcodes of protocols 0 to 5 but STOP, by their byte. Names and meaning: pickletools.py of CPython.
 * Those that no Python 3 pickle of a plain model contains are refused with the reason.
 */
export const opcodes: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, proto],
  [0x95, frame],
  // The stack, the memo
  [byte('('), (m) => m.mark()],
  [byte('0'), (m) => m.drop()],
  [byte('1'), (m) => void m.popMark()],
  [byte('2'), (m) => m.push(m.peek())],
  [byte('g'), (m) => m.recall(memoIndex(m))],
  [byte('h'), (m) => m.recall(m.reader.uint8())],
  [byte('j'), (m) => m.recall(m.reader.uint32())],
  [byte('p'), (m) => m.remember(memoIndex(m))],
  [byte('q'), (m) => m.remember(m.reader.uint8())],
  [byte('r'), (m) => m.remember(m.reader.uint32())],
  [0x94, (m) => m.memoize()],
  // None, bool, int, float
  [byte('N'), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [byte('I'), int],
  [byte('L'), (m) => m.push(m.reader.decimalLine())],
  [byte('J'), (m) => m.push(BigInt(m.reader.int32()))],
  [byte('K'), (m) => m.push(BigInt(m.reader.uint8()))],
  [byte('M'), (m) => m.push(BigInt(m.reader.uint16()))],
  [0x8a, (m) => m.push(m.reader.signedInteger(m.reader.uint8()))],
  [0x8b, long4],
  [byte('F'), float],
  [byte('G'), (m) => m.push(m.reader.float64BigEndian())],
  // str, bytes
  [byte('V'), unicode],
  [byte('X'), (m) => m.push(m.reader.utf8(m.reader.uint32()))],
  [0x8c, (m) => m.push(m.reader.utf8(m.reader.uint8()))],
  [0x8d, (m) => m.push(m.reader.utf8(m.reader.length64()))],
  [byte('B'), (m) => m.push(m.reader.bytes(m.reader.uint32()))],
  [byte('C'), (m) => m.push(m.reader.bytes(m.reader.uint8()))],
  [0x8e, (m) => m.push(m.reader.bytes(m.reader.length64()))],
  [0x96, (m) => m.push(m.reader.bytes(m.reader.length64()))],
  // tuple, list, dict, set
  [byte(')'), (m) => m.push([])],
  [byte('t'), (m) => m.push(m.popMark())],
  [0x85, (m) => m.push(m.popTuple(1))],
  [0x86, (m) => m.push(m.popTuple(2))],
  [0x87, (m) => m.push(m.popTuple(3))],
  [byte(']'), (m) => m.push([])],
  [byte('l'), (m) => m.push(m.popMark())],
  [byte('a'), (m) => m.append([m.pop()])],
  [byte('e'), (m) => m.append(m.popMark())],
  [byte('}'), (m) => m.push(new Map())],
  [byte('d'), (m) => m.push(m.fill(new Map(), m.popMark()))],
  [byte('s'), (m) => m.setItems(m.popTuple(2))],
  [byte('u'), (m) => m.setItems(m.popMark())],
  [0x8f, (m) => m.push(new Set())],
  [0x90, (m) => m.addItems(m.popMark())],
  [0x91, (m) => m.push(new Set(m.popMark()))],
  // Objects: recorded, never made
  [byte('c'), (m) => m.push(findGlobal(m.reader.line(), m.reader.line()))],
  [0x93, stackGlobal],
  [byte('R'), (m) => m.reduce(['class', 'function'])],
  [0x81, (m) => m.reduce(['class'])],
  [0x92, newObjectEx],
  [byte('b'), (m) => m.build()],
  [byte('i'), inst],
  [byte('o'), refuse('old-style class instances (OBJ)')],
  // What only the program that wrote the pickle could resolve
  [byte('P'), refuse('persistent ids, as PyTorch files do')],
  [byte('Q'), refuse('persistent ids, as PyTorch files do')],
  [0x82, refuse('the extension registry')],
  [0x83, refuse('the extension registry')],
  [0x84, refuse('the extension registry')],
  [0x97, refuse('out-of-band buffers (dump it without buffer_callback)')],
  [0x98, refuse('out-of-band buffers (dump it without buffer_callback)')],
  [byte('S'), refuse('byte strings of Python 2')],
  [byte('T'), refuse('byte strings of Python 2')],
  [byte('U'), refuse('byte strings of Python 2')],
]);

function byte(character: string): number {
  return character.charCodeAt(0);
}

function refuse(what: string): Opcode {
  return () => {
    throw unsupportedPickle(`It uses ${what}.`);
  };
}

function proto(machine: PickleMachine): void {
  const version = machine.reader.uint8();
  if (version > newestProtocol) machine.fail(`Protocol ${version} is unknown, ${newestProtocol} is the newest`);
}

/** Frames only help Python to read ahead; a length beyond the end is still a sign of truncation. */
function frame(machine: PickleMachine): void {
  const length = machine.reader.length64();
  const { remaining } = machine.reader;
  if (length > remaining) machine.fail(`It ends too early: a frame of ${length} bytes, ${remaining} left`);
}

function memoIndex(machine: PickleMachine): number {
  const index = machine.reader.decimalLine();
  if (index < 0n || index > 0xffff_ffffn) machine.fail('A memo index is out of range');
  return Number(index);
}

/** `I00` and `I01` are how protocols 0 and 1 write booleans. */
function int(machine: PickleMachine): void {
  const text = machine.reader.line();
  if (text === '00' || text === '01') machine.push(text === '01');
  else if (/^[+-]?\d{1,400}$/.test(text)) machine.push(BigInt(text));
  else machine.fail('A line should be an integer');
}

function long4(machine: PickleMachine): void {
  const length = machine.reader.int32();
  if (length < 0) machine.fail('An integer has a negative length');
  machine.push(machine.reader.signedInteger(length));
}

function float(machine: PickleMachine): void {
  const text = machine.reader.line().trim().toLowerCase();
  const special = new Map([
    ['nan', Number.NaN],
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
  ]);
  const value = special.get(text) ?? (/^[+-]?[\d.]+(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined);
  if (value === undefined || (Number.isNaN(value) && text !== 'nan')) machine.fail('A line should be a float');
  machine.push(value);
}

/** Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX. */
function unicode(machine: PickleMachine): void {
  const text = machine.reader.line();
  machine.push(
    text.replace(/\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})/g, (_, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long ?? '', 16);
      if (code > 0x10ffff) machine.fail('A character is beyond Unicode');
      return String.fromCodePoint(code);
    }),
  );
}

function stackGlobal(machine: PickleMachine): void {
  const name = machine.popString();
  const module = machine.popString();
  machine.push(findGlobal(module, name));
}

/** INST names a class before anything else: an unknown one is refused by its name, like every other. */
function inst(machine: PickleMachine): void {
  findGlobal(machine.reader.line(), machine.reader.line());
  throw unsupportedPickle('It uses old-style class instances (INST).');
}

function newObjectEx(machine: PickleMachine): void {
  const keywords: PickleValue = machine.pop();
  if (!(keywords instanceof Map)) machine.fail(`Keyword arguments should be a dict, they are ${typeName(keywords)}`);
  if (keywords.size > 0) machine.fail('Keyword arguments are not used by any class on the allow-list');
  machine.reduce(['class']);
}
