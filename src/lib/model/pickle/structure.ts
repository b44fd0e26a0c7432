import { invalidPickle, overLimit } from './errors.js';
import type { PickleLimits } from './limits.js';
import { type PickleValue, PyInstance } from './values.js';

interface Measure {
  height: number;
  nodes: number;
}

interface Visit {
  readonly value: object;
  readonly children: Iterator<PickleValue>;
  readonly measure: Measure;
}

/**
 * Makes sure that whoever walks the structure recursively comes to an end: it is at most `limits.depth` high, has at
 * most `limits.nodes` nodes even when shared ones are walked again and again, and has no circle. Each object is visited
 * once, without recursion, and `tick` called for each step. Throws UsageError.
 */
export function checkStructure(root: PickleValue, limits: PickleLimits, tick: () => void): void {
  const done = new Map<object, Measure>();
  const open = new Set<object>();
  const path: Visit[] = [];
  enter(root);
  while (path.length > 0) {
    tick();
    const visit = path.at(-1) as Visit;
    const next = visit.children.next();
    if (next.done === true) leave(visit);
    else enter(next.value, visit.measure);
  }

  function enter(value: PickleValue, parent?: Measure): void {
    if (!isContainer(value)) {
      if (parent !== undefined) add(parent, { height: 0, nodes: 1 });
      return;
    }
    if (open.has(value)) throw invalidPickle('An object contains itself.');
    const known = done.get(value);
    if (known !== undefined) {
      if (parent !== undefined) add(parent, known);
      return;
    }
    if (path.length >= limits.depth) throw overLimit('depth', limits.depth, 'levels of nesting');
    open.add(value);
    path.push({ value, children: childrenOf(value), measure: { height: 1, nodes: 1 } });
  }

  function leave(visit: Visit): void {
    path.pop();
    open.delete(visit.value);
    done.set(visit.value, visit.measure);
    const parent = path.at(-1);
    if (parent !== undefined) add(parent.measure, visit.measure);
  }

  function add(parent: Measure, child: Measure): void {
    parent.height = Math.max(parent.height, child.height + 1);
    parent.nodes += child.nodes;
    if (parent.height > limits.depth) throw overLimit('depth', limits.depth, 'levels of nesting');
    if (parent.nodes > limits.nodes) throw overLimit('nodes', limits.nodes, 'objects');
  }
}

type Container = PickleValue[] | Map<PickleValue, PickleValue> | Set<PickleValue> | PyInstance;

function isContainer(value: PickleValue): value is Container {
  return Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof PyInstance;
}

function* childrenOf(value: Container): Iterator<PickleValue> {
  if (value instanceof PyInstance) {
    yield value.args;
    if (value.state !== undefined) yield value.state;
    if (value.entries !== undefined) yield value.entries;
    if (value.inline !== undefined) yield value.inline;
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield key;
      yield item;
    }
  } else {
    yield* value;
  }
}
