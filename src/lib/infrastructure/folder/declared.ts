import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A `variable` block of the configuration. */
export interface DeclaredVariable {
  readonly name: string;
  /** True for `type = string`: what is given is then taken as it stands. */
  readonly isString: boolean;
  readonly sensitive: boolean;
  /** Kept out of state and plan by terraform. */
  readonly ephemeral: boolean;
}

/** The input variables that the `.tf` and `.tf.json` files of a folder declare, by name. */
export async function declaredVariables(dir: string): Promise<Map<string, DeclaredVariable>> {
  const found = new Map<string, DeclaredVariable>();
  for (const name of (await readdir(dir)).sort()) {
    const isJson = name.endsWith('.tf.json');
    if (!isJson && !name.endsWith('.tf')) continue;
    const text = await readFile(join(dir, name), 'utf8');
    for (const variable of isJson ? fromJson(text) : fromHcl(text)) found.set(variable.name, variable);
  }
  return found;
}

function fromJson(text: string): DeclaredVariable[] {
  let document: { variable?: Record<string, { type?: string; sensitive?: boolean; ephemeral?: boolean }> };
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    // Terraform says better what is wrong with the file.
    return [];
  }
  return Object.entries(document.variable ?? {}).map(([name, block]) => ({
    name,
    isString: block.type === 'string',
    sensitive: block.sensitive === true,
    ephemeral: block.ephemeral === true,
  }));
}

/**
 * Not a parser of HCL: it blanks strings, heredocs and comments and then finds the blocks by their braces, which is enough
 * for four attributes with literal values.
 */
function fromHcl(text: string): DeclaredVariable[] {
  const bare = blankLiterals(text);
  const found: DeclaredVariable[] = [];
  for (const match of bare.matchAll(/^[ \t]*variable[ \t]+"([^"\n]*)"[ \t]*\{/gm)) {
    const start = match.index + match[0].length;
    const body = topLevel(bare, start);
    const labelAt = match.index + match[0].indexOf('"') + 1;
    found.push({
      name: text.slice(labelAt, labelAt + (match[1]?.length ?? 0)),
      isString: /^[ \t]*type[ \t]*=[ \t]*string[ \t]*$/m.test(body),
      sensitive: /^[ \t]*sensitive[ \t]*=[ \t]*true\b/m.test(body),
      ephemeral: /^[ \t]*ephemeral[ \t]*=[ \t]*true\b/m.test(body),
    });
  }
  return found;
}

/** The text of the block that begins at `start`, without what stands in nested braces. */
function topLevel(text: string, start: number): string {
  let depth = 1;
  let body = '';
  for (let index = start; index < text.length && depth > 0; index += 1) {
    const character = text[index] as string;
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (depth === 1 && character !== '}') body += character;
  }
  return body;
}

/** The same text, as long as before, with the insides of strings, heredocs and comments replaced by blanks. */
function blankLiterals(text: string): string {
  const literal = /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|<<-?(\w+)\n[\s\S]*?\n[ \t]*\1\b|"/g;
  let result = '';
  let at = 0;
  for (let match = literal.exec(text); match !== null; match = literal.exec(text)) {
    const end = match[0] === '"' ? stringEnd(text, match.index + 1) : match.index + match[0].length;
    const inside = text.slice(match.index, end).replace(/[^\n]/g, ' ');
    result += text.slice(at, match.index) + (match[0] === '"' ? `"${inside.slice(2)}"` : inside);
    at = end;
    literal.lastIndex = end;
  }
  return result + text.slice(at);
}

/** Where the string that began before `start` is over: behind its closing quote, templates (`${...}`) included. */
function stringEnd(text: string, start: number): number {
  let braces = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\') index += 1;
    else if (braces === 0 && (text.startsWith('${', index) || text.startsWith('%{', index))) {
      braces = 1;
      index += 1;
    } else if (braces > 0 && character === '{') braces += 1;
    else if (braces > 0 && character === '}') braces -= 1;
    else if (braces > 0 && character === '"') index = stringEnd(text, index + 1) - 1;
    else if (character === '"') return index + 1;
  }
  return text.length;
}
