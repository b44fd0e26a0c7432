import { stringify } from 'yaml';

/** A value that Grafana takes from its own environment when it reads the file, so that a secret is in no file. */
export class FromEnvironment {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A provisioning file of Grafana. Grafana replaces `$NAME` in every text of such a file, also where a template or an
 * expression means something else by it: a dollar of ours is written twice.
 */
export function provisioningYaml(comment: string, document: object): string {
  return `${comment
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n')}\n${stringify(escaped(document), { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function escaped(value: unknown): unknown {
  if (value instanceof FromEnvironment) return `$${value.name}`;
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // Builders of the SDK leave marks for TypeScript behind that are no data.
      .filter(([, member]) => member !== undefined && typeof member !== 'function')
      .map(([key, member]) => [key, escaped(member)]),
  );
}
