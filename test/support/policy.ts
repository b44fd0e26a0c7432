import type { Problem } from './check-names.js';
import { type Argument, addressOf, allArguments, argumentValue, type Block } from './hcl.js';
import type { NameTable } from './name-table.js';

/** What must hold of templates whatever the variables are set to. Reports every place where it does not. */
export type Policy = (blocks: Block[], table: NameTable) => Problem[];

export const problem = (at: { file: string; line: number }, path: string, message: string): Problem => ({
  file: at.file,
  line: at.line,
  path,
  message,
});

export const resources = (blocks: Block[], type?: string) =>
  blocks.filter(({ name, labels }) => name === 'resource' && (type === undefined || labels[0] === type));

export const named = (block: Block, name: string) => block.blocks.filter((inner) => inner.name === name);

/** Every block of that name at any depth. */
export const deep = (block: Block, name: string): Block[] => [
  ...named(block, name),
  ...block.blocks.flatMap((inner) => deep(inner, name)),
];

export const variable = (blocks: Block[], name: string) =>
  blocks.find((block) => block.name === 'variable' && block.labels[0] === name);

/** Arguments of what is made, and the local values it is made of: no descriptions, no messages. */
export const configured = (blocks: Block[]): { block: Block; argument: Argument }[] =>
  blocks
    .filter(({ name }) => name === 'resource' || name === 'locals' || name === 'data')
    .flatMap((block) => allArguments(block).map((argument) => ({ block, argument })));

/** Expects one argument of a block to be exactly that; reports the block otherwise. */
export function expectValue(block: Block | undefined, owner: Block, name: string, expected: RegExp): Problem[] {
  const value = block === undefined ? undefined : argumentValue(block, name);
  if (value !== undefined && expected.test(String(value))) return [];
  return [
    problem(block ?? owner, `${addressOf(owner)}.${name}`, `is ${value ?? 'not set'}, has to be ${expected.source}`),
  ];
}

export function expectDefault(blocks: Block[], name: string, expected: unknown): Problem[] {
  const block = variable(blocks, name);
  const value = block === undefined ? undefined : argumentValue(block, 'default');
  if (JSON.stringify(value) === JSON.stringify(expected)) return [];
  return [problem(block ?? at(blocks), `var.${name}`, `the default is not ${JSON.stringify(expected)}`)];
}

export const at = ([first]: Block[]) => ({ file: first?.file ?? '', line: first?.line ?? 0 });

/** An expression as hcl2json writes it. */
export const expression = (code: string) => `\${${code}}`;

export const localValue = (blocks: Block[], name: string): Argument | undefined =>
  blocks.flatMap((block) => (block.name === 'locals' ? block.arguments : [])).find((local) => local.name === name);
