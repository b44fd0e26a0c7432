import { type Argument, textsIn } from './hcl.js';

/** `google_compute_network.main[0].id` as its parts; an index or splat is the part `[]`. */
export interface Reference {
  /** As written, for messages. */
  text: string;
  steps: string[];
}

/** What the expressions of an argument refer to: variables, locals, resources, names of `for` and dynamic blocks. */
export function referencesIn(argument: Argument): Reference[] {
  return textsIn(argument.value).flatMap((text) => codeIn(text).flatMap(traversals));
}

const traversal = /(?<![\w.\]])[A-Za-z_][\w-]*(?:\.[A-Za-z_*][\w-]*|\.\d+|\[[^[\]]*\])+/g;

/** Traversals in code without string literals. Those inside of an index count too. */
export function traversals(code: string): Reference[] {
  return [...code.matchAll(traversal)].flatMap(([text]) => [
    { text, steps: stepsOf(text) },
    ...[...text.matchAll(/\[([^[\]]*)\]/g)].flatMap(([, index = '']) => traversals(index)),
  ]);
}

function stepsOf(text: string): string[] {
  return text
    .replaceAll(/\[[^[\]]*\]|\.\*|\.\d+/g, '.[]')
    .split('.')
    .filter((step) => step !== '');
}

/** The code of the `${}` in a text: string literals emptied, the interpolations in them as code of their own. */
export function codeIn(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith('$${', at) || text.startsWith('%%{', at)) at += 2;
    else if (text.startsWith('${', at) || text.startsWith('%{', at)) {
      const { code, end, inner } = readCode(text, at + 2);
      found.push(code, ...inner);
      at = end;
    }
  }
  return found;
}

/** Code from `start` to the brace that closes it. */
function readCode(text: string, start: number): { code: string; end: number; inner: string[] } {
  const inner: string[] = [];
  let code = '';
  let depth = 1;
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') {
      const end = stringEnd(text, at);
      inner.push(...codeIn(text.slice(at + 1, end)));
      code += '""';
      at = end;
      continue;
    }
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (depth === 0) break;
    code += char;
  }
  return { code, end: at, inner };
}

/** Index of the quote that closes the string opened at `start`; quotes in its interpolations do not. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"') return at;
    else if (text.startsWith('$${', at)) at += 2;
    else if (text.startsWith('${', at)) at = readCode(text, at + 2).end;
  }
  return text.length;
}
