import type { ByteReader } from './byte-reader.js';
import { invalidPickle, overLimit } from './errors.js';
import type { PickleLimits } from './limits.js';
import { type PickleValue, PyGlobal, PyInstance, typeName } from './values.js';

/** The pickle machine's stack, marks and memo. It only ever builds data: see `reduce`, which records and never calls. */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly #limits: PickleLimits;
  readonly #afterBuild: (instance: PyInstance) => void;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  /** @param afterBuild called with each instance whose state was set, while the reader stands right behind it */
  constructor(reader: ByteReader, limits: PickleLimits, afterBuild: (instance: PyInstance) => void) {
    this.reader = reader;
    this.#limits = limits;
    this.#afterBuild = afterBuild;
  }

  fail(why: string): never {
    throw invalidPickle(why, this.reader.offset);
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= this.#floor) this.fail('The stack is empty where a value is needed');
    return this.#stack.pop() as PickleValue;
  }

  peek(): PickleValue {
    if (this.#stack.length <= this.#floor) this.fail('The stack is empty where a value is needed');
    return this.#stack.at(-1) as PickleValue;
  }

  mark(): void {
    if (this.#marks.length >= this.#limits.depth) throw overLimit('depth', this.#limits.depth, 'levels of nesting');
    this.#marks.push(this.#stack.length);
  }

  popMark(): PickleValue[] {
    const start = this.#marks.pop();
    return start === undefined ? this.fail('A MARK is missing') : this.#stack.splice(start);
  }

  /** POP drops the topmost value, or the topmost MARK when nothing is above it. */
  drop(): void {
    if (this.#stack.length > this.#floor) this.#stack.pop();
    else if (this.#marks.pop() === undefined) this.fail('The stack is empty where a value is needed');
  }

  popTuple(length: number): PickleValue[] {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(this.pop());
    return items;
  }

  popString(): string {
    const value = this.pop();
    return typeof value === 'string' ? value : this.fail(`A name should be a str, it is ${typeName(value)}`);
  }

  remember(index: number): void {
    if (this.#memo.size >= this.#limits.memo) throw overLimit('memo', this.#limits.memo, 'remembered objects');
    this.#memo.set(index, this.peek());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.fail(`Memo entry ${index} was never stored`);
    this.push(value);
  }

  append(items: PickleValue[]): void {
    const list = this.peek();
    if (!Array.isArray(list)) this.fail(`Items are appended to ${typeName(list)}`);
    for (const item of items) list.push(item);
  }

  addItems(items: PickleValue[]): void {
    const set = this.peek();
    if (!(set instanceof Set)) this.fail(`Items are added to ${typeName(set)}`);
    for (const item of items) set.add(item);
  }

  setItems(flat: PickleValue[]): void {
    let target = this.peek();
    if (target instanceof PyInstance) target = target.entries ??= new Map();
    if (!(target instanceof Map)) this.fail(`Keys are set on ${typeName(target)}`);
    this.fill(target, flat);
  }

  fill(map: Map<PickleValue, PickleValue>, flat: PickleValue[]): Map<PickleValue, PickleValue> {
    if (flat.length % 2 !== 0) this.fail('A dict has a key without a value');
    for (let i = 0; i < flat.length; i += 2) map.set(flat[i] as PickleValue, flat[i + 1] as PickleValue);
    return map;
  }

  /** REDUCE and NEWOBJ: Python calls here. This pushes the record of what would have been called. */
  reduce(kinds: readonly PyGlobal['kind'][]): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PyGlobal) || !kinds.includes(callable.kind)) {
      this.fail(`${typeName(callable)} is called`);
    }
    if (!Array.isArray(args)) this.fail(`${callable.path} is called with ${typeName(args)} instead of a tuple`);
    this.push(new PyInstance(callable, args));
  }

  build(): void {
    const state = this.pop();
    const target = this.peek();
    if (!(target instanceof PyInstance)) this.fail(`The state of ${typeName(target)} is set`);
    if (target.state !== undefined) this.fail(`The state of ${target.className} is set twice`);
    target.state = state;
    this.#afterBuild(target);
  }

  /** STOP: the one value that is left. */
  result(): PickleValue {
    if (this.#marks.length > 0) this.fail('A MARK is left at the end');
    if (this.#stack.length !== 1) this.fail(`${this.#stack.length} values are left at the end instead of one`);
    return this.#stack[0] as PickleValue;
  }

  get #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }
}
