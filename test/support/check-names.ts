import { type Argument, addressOf, argumentValue, type Block } from './hcl.js';
import { type Attribute, attributeOf, type NameTable, nestedOf, type SchemaBlock } from './name-table.js';

/** Something that the provider would refuse, with the place it stands at. */
export interface Problem {
  file: string;
  line: number;
  path: string;
  message: string;
}

export function describeProblem({ file, line, path, message }: Problem): string {
  return `${file}:${line} ${path}: ${message}`;
}

const metaArguments = new Set(['count', 'for_each', 'depends_on', 'provider']);
const metaBlocks = new Set(['lifecycle', 'provisioner', 'connection']);

/**
 * Compares every provider, resource and data block, and all that is in them, with the provider's schema: types, names
 * of arguments and blocks, what is required or only readable, how often a block may stand, and literal values.
 */
export function checkNames(blocks: Block[], table: NameTable): Problem[] {
  const problems: Problem[] = [];
  for (const block of blocks) {
    const path = addressOf(block);
    const report = (message: string) => problems.push({ file: block.file, line: block.line, path, message });
    if (block.name === 'provider') {
      if (block.labels[0] === 'google') problems.push(...checkBlock(block, table.provider, path));
      else report(`no schema is known of the provider ${block.labels[0]}`);
    }
    if (block.name !== 'resource' && block.name !== 'data') continue;
    const type = block.labels[0] ?? '';
    const schema = (block.name === 'resource' ? table.resources : table.data)[type];
    if (schema !== undefined) problems.push(...checkBlock(block, schema, path));
    else report(`${type} is not in the name table (if the provider has it: scripts/extract-google-names.js)`);
  }
  return problems;
}

function checkBlock(block: Block, schema: SchemaBlock, path: string, top = true): Problem[] {
  const problems: Problem[] = [];
  const report = (place: { file: string; line: number }, name: string, message: string) =>
    problems.push({ file: place.file, line: place.line, path: name === '' ? path : `${path}.${name}`, message });

  for (const argument of block.arguments) {
    const { name } = argument;
    if (top && metaArguments.has(name)) continue;
    const attribute = attributeOf(schema, name);
    const nested = nestedOf(schema, name);
    if (attribute !== undefined) {
      if (attribute.mode === 'computed') report(argument, name, 'is read-only: the provider sets it');
      else for (const message of valueProblems(argument, attribute)) report(argument, name, message);
    } else if (nested?.kind === 'block') report(argument, name, 'is a block: write it without =');
    else if (nested?.kind === 'computed') report(argument, name, 'is read-only: the provider sets it');
    else if (nested === undefined) report(argument, name, 'is not an argument here');
  }

  const counts = new Map<string, number>();
  for (const inner of block.blocks) {
    const { name } = inner;
    if (top && metaBlocks.has(name)) continue;
    const nested = nestedOf(schema, name);
    if (nested === undefined) {
      const known = attributeOf(schema, name) !== undefined;
      report(inner, name, known ? 'is an argument: write it with =' : 'is not a block here');
    } else if (nested.kind === 'computed') report(inner, name, 'is read-only: the provider sets it');
    else {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const most = nested.nesting === 'single' ? 1 : nested.maxItems;
      if (most !== undefined && count > most) report(inner, name, `stands ${count} times, at most ${most} allowed`);
      problems.push(...checkBlock(inner, nested, `${path}.${name}`, false));
    }
  }

  for (const name of requiredOf(schema)) {
    const written = block.arguments.some((a) => a.name === name) || block.blocks.some((b) => b.name === name);
    if (!written) report(block, name, 'is required and missing');
  }
  if (top)
    for (const { argument, path: ignored } of ignoredPaths(block)) {
      if (!pathExists(schema, ignored))
        report(argument, 'lifecycle.ignore_changes', `${ignored.join('.')} does not exist`);
    }
  return problems;
}

function requiredOf(schema: SchemaBlock): string[] {
  return [
    ...Object.keys(schema.attributes ?? {}).filter((name) => attributeOf(schema, name)?.mode === 'required'),
    ...Object.entries(schema.blocks ?? {}).flatMap(([name, nested]) => (nested.required === true ? [name] : [])),
  ];
}

/** What is wrong with a value, as far as it can be told without evaluating expressions. */
function valueProblems({ value }: Argument, { type, values }: Attribute): string[] {
  const expression = typeof value === 'string' && value.includes('${');
  if (expression || value === null) return [];
  const [, collection, element] = /^(?:(list|set|map)\()?(\w+)\)?$/.exec(type) ?? [];
  if (collection === 'map') return typeof value === 'object' && !Array.isArray(value) ? [] : [`needs ${type}`];
  if (collection !== undefined) return Array.isArray(value) ? [] : [`needs ${type}`];
  if (typeof value === 'object') return [`needs ${type}`];
  if (element === 'number' && Number.isNaN(Number(value))) return ['needs a number'];
  if (element === 'bool' && !['true', 'false'].includes(String(value))) return ['needs true or false'];
  if (values.length > 0 && !values.includes(String(value))) return [`${value} is none of ${values.join(', ')}`];
  return [];
}

function ignoredPaths(block: Block) {
  const lifecycle = block.blocks.find(({ name }) => name === 'lifecycle');
  const argument = lifecycle?.arguments.find(({ name }) => name === 'ignore_changes');
  if (lifecycle === undefined || argument === undefined) return [];
  const list = argumentValue(lifecycle, 'ignore_changes');
  return (Array.isArray(list) ? list : []).map((text) => ({
    argument,
    path: String(text)
      .replace(/^\$\{(.*)\}$/, '$1')
      .replaceAll(/\[[^\]]*\]/g, '.[]')
      .split('.'),
  }));
}

/** Whether a path such as `template.[].revision` leads somewhere in a schema. An index asks for a list, set or map. */
export function pathExists(schema: SchemaBlock, [name, ...rest]: string[]): boolean {
  if (name === undefined) return true;
  const attribute = attributeOf(schema, name);
  if (attribute !== undefined) return rest.length === 0 || (rest.length === 1 && /[(]|^dynamic$/.test(attribute.type));
  const nested = nestedOf(schema, name);
  if (nested === undefined) return false;
  if (nested.nesting === 'single') return pathExists(nested, rest);
  return rest.length === 0 || (rest[0] === '[]' && pathExists(nested, rest.slice(1)));
}
