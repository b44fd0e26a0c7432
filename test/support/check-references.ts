import { type Problem, pathExists } from './check-names.js';
import { type Argument, addressOf, allArguments, argumentValue, type Block } from './hcl.js';
import { type Reference, referencesIn } from './hcl-references.js';
import type { NameTable } from './name-table.js';

/**
 * Follows every reference: to variables, locals, resources and data sources, and on to the attribute of the schema.
 * What is declared and never used is a problem too.
 */
export function checkReferences(blocks: Block[], table: NameTable): Problem[] {
  const problems: Problem[] = [];
  const declared = new Map(blocks.filter(({ name }) => name !== 'locals').map((block) => [addressOf(block), block]));
  const locals = new Map(
    blocks.flatMap((block) => (block.name === 'locals' ? block.arguments : [])).map((local) => [local.name, local]),
  );
  const used = new Set<string>();

  for (const block of blocks) {
    for (const argument of allArguments(block)) {
      for (const reference of referencesIn(argument)) {
        // A variable that only its own validation mentions is not used.
        if (!(block.name === 'variable' && addressOf(block) === reference.steps.slice(0, 2).join('.'))) {
          used.add(reference.steps.slice(0, 2).join('.'));
        }
        const message = problemOf(reference, { declared, locals, table });
        if (message === undefined) continue;
        problems.push({
          file: argument.file,
          line: argument.line,
          path: `${addressOf(block)}.${argument.name}`,
          message,
        });
      }
    }
  }

  const unused = [
    ...blocks.filter(({ name }) => name === 'variable').map((block) => ({ ...block, path: addressOf(block) })),
    ...[...locals.values()].map((local) => ({ ...local, path: `local.${local.name}` })),
  ].filter(({ path }) => !used.has(path));
  return [...problems, ...unused.map(({ file, line, path }) => ({ file, line, path, message: 'is never used' }))];
}

interface Known {
  declared: Map<string, Block>;
  locals: Map<string, Argument>;
  table: NameTable;
}

function problemOf({ steps, text }: Reference, known: Known): string | undefined {
  const [root = '', name = ''] = steps;
  if (root === 'var') return known.declared.has(`var.${name}`) ? undefined : `${text}: no such variable`;
  if (root === 'local') return known.locals.has(name) ? undefined : `${text}: no such local value`;
  const data = root === 'data';
  if (!data && !root.startsWith('google_')) return undefined;

  const own = data ? steps.slice(0, 3) : steps.slice(0, 2);
  const block = known.declared.get(own.join('.'));
  if (block === undefined) return `${text}: no such ${data ? 'data source' : 'resource'}`;
  const rest = steps.slice(own.length);
  if (rest.length === 0) return undefined;
  const several = argumentValue(block, 'count') !== undefined || argumentValue(block, 'for_each') !== undefined;
  if (several !== (rest[0] === '[]')) {
    return several ? `${text}: the resource has count or for_each, say which one` : `${text}: there is only one`;
  }
  const type = block.labels[0] ?? '';
  const schema = (data ? known.table.data : known.table.resources)[type];
  const path = several ? rest.slice(1) : rest;
  if (schema === undefined || pathExists(schema, path)) return undefined;
  return `${text}: ${type} has no ${path.join('.')}`;
}

/** A variable has a type, a description and, unless it is a plain switch, a validation about itself. Outputs likewise. */
export function checkDeclarations(blocks: Block[]): Problem[] {
  return blocks.flatMap((block) => {
    const { file, line } = block;
    const path = addressOf(block);
    const problem = (message: string): Problem => ({ file, line, path, message });
    if (block.name === 'output') {
      return ['description', 'value'].flatMap((name) =>
        block.arguments.some((argument) => argument.name === name) ? [] : [problem(`has no ${name}`)],
      );
    }
    if (block.name !== 'variable') return [];
    const problems = ['type', 'description'].flatMap((name) =>
      argumentValue(block, name) === undefined || argumentValue(block, name) === '' ? [problem(`has no ${name}`)] : [],
    );
    const validations = block.blocks.filter(({ name }) => name === 'validation');
    if (validations.length === 0 && !/^\$\{bool\}$/.test(String(argumentValue(block, 'type'))))
      problems.push(problem('has no validation'));
    for (const validation of validations) {
      const condition = validation.arguments.find(({ name }) => name === 'condition');
      const about =
        condition === undefined ? [] : referencesIn(condition).map(({ steps }) => steps.slice(0, 2).join('.'));
      if (!about.includes(path)) problems.push(problem('has a validation that does not look at it'));
      if (typeof argumentValue(validation, 'error_message') !== 'string')
        problems.push(problem('has a validation without a message'));
    }
    // Without a default a null would be an error anyway; with one, null is a value of its own and has to be meant.
    const nullDefault = block.arguments.some(({ name, value }) => name === 'default' && value === null);
    if (!nullDefault && argumentValue(block, 'nullable') !== false)
      problems.push(problem('may be null: say nullable = false'));
    return problems;
  });
}
