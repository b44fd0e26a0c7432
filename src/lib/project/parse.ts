import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../base/errors/mlops-error.js';
import { type ProjectConfig, projectSchema } from './schema.js';

/** Text of an mlops.yaml -> configuration. Throws UsageError `PROJECT_INVALID` that lists every problem with its line. */
export function parseProject(text: string): ProjectConfig {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  if (document.errors.length > 0) {
    refuse(document.errors.map((error) => `line ${lineAt(error.pos[0])}: ${error.message}`));
  }
  const result = projectSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describe(issue, document, lineAt));
    refuse(problems.sort((a, b) => a.line - b.line).map(({ line, text: problem }) => `line ${line}: ${problem}`));
  }
  return result.data;
}

function refuse(problems: readonly string[]): never {
  throw new UsageError(`mlops.yaml has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`, {
    code: 'PROJECT_INVALID',
    why: problems.join('\n'),
    actions: ['Correct the lines above and run the command again'],
  });
}

interface Problem {
  readonly line: number;
  readonly text: string;
}

function describe(issue: z.core.$ZodIssue, document: Document, lineAt: (offset: number) => number): Problem[] {
  const line = (path: readonly PropertyKey[]) => lineAt(offsetOf(document, path));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      line: line([...issue.path, key]),
      text: `'${dotted([...issue.path, key])}' is not a known key`,
    }));
  }
  const name = issue.path.length === 0 ? 'the file' : `'${dotted(issue.path)}'`;
  return [
    { line: line(issue.path), text: `${name}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}` },
  ];
}

/** Where the key of `path` stands; for a key that is missing, where its nearest parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const node = childNode(parent, path[depth - 1]);
    if (node?.range) return node.range[0];
  }
  return 0;
}

function childNode(parent: unknown, key: PropertyKey | undefined): Node | undefined {
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
    return isNode(pair?.key) ? pair.key : undefined;
  }
  const item = isNode(parent) && 'items' in parent ? (parent.items as unknown[])[Number(key)] : undefined;
  return isNode(item) ? item : undefined;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
