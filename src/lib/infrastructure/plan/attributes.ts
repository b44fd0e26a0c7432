import type { RawChange } from './raw.js';

/** One attribute that changes, with values fit to be shown: shortened, and never a sensitive one. */
export interface AttributeChange {
  /** `ingress[0].cidr_blocks` */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Changing it is what makes terraform replace the resource. */
  readonly forcesReplacement: boolean;
}

const longestValue = 120;
const contextBefore = 20;
const absent = '(none)';
const hidden = '(sensitive)';
const unknown = '(known after apply)';

/** What a JSON plan's change does to the attributes, leaf by leaf. */
export function changedAttributes(change: RawChange): AttributeChange[] {
  const forcing = new Set((change.replace_paths ?? []).map(pathText));
  const found: AttributeChange[] = [];
  const visit = (path: ReadonlyArray<string | number>, node: Node) => {
    if (node.unknown !== true && sameValue(node)) return;
    const keys = isHidden(node) || node.unknown === true ? undefined : commonKeys(node.before, node.after);
    if (keys !== undefined) {
      for (const key of keys) visit([...path, key], child(node, key));
      return;
    }
    const name = pathText(path);
    const forces = path.some((_part, index) => forcing.has(pathText(path.slice(0, index + 1))));
    found.push({ path: name, ...shown(node), forcesReplacement: forces });
  };
  visit([], {
    before: change.before,
    after: change.after,
    unknown: change.after_unknown,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
  });
  return found;
}

interface Node {
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
}

function child(node: Node, key: string | number): Node {
  return {
    before: member(node.before, key),
    after: member(node.after, key),
    unknown: member(node.unknown, key),
    beforeSensitive: member(node.beforeSensitive, key),
    afterSensitive: member(node.afterSensitive, key),
  };
}

function member(value: unknown, key: string | number): unknown {
  return value instanceof Object ? (value as Record<string | number, unknown>)[key] : undefined;
}

/** The members to go into, or undefined when the place is compared as a whole. */
function commonKeys(before: unknown, after: unknown): Array<string | number> | undefined {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && before.length > 0) {
    return before.map((_value, index) => index);
  }
  if (!isPlainObject(before) || !isPlainObject(after)) return undefined;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameValue({ before, after, unknown: mark }: Node): boolean {
  return !hasMark(mark) && JSON.stringify(before ?? null) === JSON.stringify(after ?? null);
}

function isHidden({ beforeSensitive, afterSensitive }: Node): boolean {
  return beforeSensitive === true || afterSensitive === true;
}

/** True when `true` stands anywhere in a structure of marks. */
function hasMark(mark: unknown): boolean {
  return mark === true || (mark instanceof Object && Object.values(mark).some(hasMark));
}

function shown(node: Node): { before: string; after: string } {
  // A list that is compared as a whole may hold one sensitive member: then it is hidden as a whole. What turns sensitive
  // only now is the secret already.
  const hide = hasMark(node.beforeSensitive) || hasMark(node.afterSensitive);
  if (hide) return { before: hidden, after: node.unknown === true ? unknown : hidden };
  const before = valueText(node.before);
  const after = node.unknown === true ? unknown : valueText(node.after);
  const from = firstDifference(before, after);
  return { before: excerpt(before, from), after: excerpt(after, from) };
}

function valueText(value: unknown): string {
  return value === undefined || value === null ? absent : JSON.stringify(value);
}

function firstDifference(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a[index] === b[index]) index += 1;
  return index;
}

/** Long texts are cut, and begin shortly before the place that differs: the same beginning twice would say nothing. */
function excerpt(text: string, difference: number): string {
  if (text.length <= longestValue) return text;
  const start = Math.max(0, Math.min(difference - contextBefore, text.length - longestValue));
  const end = start + longestValue;
  return `${start > 0 ? '...' : ''}${text.slice(start, end)}${end < text.length ? '...' : ''}`;
}

function pathText(path: ReadonlyArray<string | number>): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
