/**
 * What a pickle turns into here: plain data, and inert records of what Python would have called.
 * int is bigint and float is number, so that 1 and 1.0 stay apart; list and tuple are both arrays; dict is a Map, so
 * that a key such as `__proto__` is a key and nothing else.
 */
export type PickleValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PyGlobal
  | PyInstance;

/** A name that a pickle imports. Only names on the allow-list ever become one. */
export class PyGlobal {
  readonly module: string;
  readonly name: string;
  readonly kind: 'class' | 'function';

  constructor(module: string, name: string, kind: 'class' | 'function') {
    this.module = module;
    this.name = name;
    this.kind = kind;
  }

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** The record of a call: `callable(*args)`, then `__setstate__(state)` and item assignments. Nothing was called. */
export class PyInstance {
  readonly callable: PyGlobal;
  readonly args: PickleValue[];
  state: PickleValue | undefined;
  entries: Map<PickleValue, PickleValue> | undefined;
  /** What joblib wrote into the file right behind the instance: an array's bytes, or an array of objects. */
  inline: Uint8Array | PyInstance | undefined;

  constructor(callable: PyGlobal, args: PickleValue[]) {
    this.callable = callable;
    this.args = args;
  }

  /** Path of the class this is an instance of: `copyreg._reconstructor(cls, object, None)` is how protocols 0 and 1 say it. */
  get className(): string {
    const cls = this.callable.path === 'copyreg._reconstructor' ? this.args[0] : this.callable;
    return cls instanceof PyGlobal ? cls.path : this.callable.path;
  }
}

/** The Python type's name, for messages. */
export function typeName(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list or tuple';
  if (value instanceof Map) return 'dict';
  if (value instanceof Set) return 'set';
  return value instanceof PyInstance ? value.className : value.path;
}
