import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of the provider's schema as scripts/extract-google-names.js writes it. */
export interface SchemaBlock {
  /** Name -> `"TYPE MODE"` or `"TYPE MODE A|B"`: see `attributeOf`. */
  attributes?: Record<string, string>;
  blocks?: Record<string, NestedBlock>;
}

export interface NestedBlock extends SchemaBlock {
  /** `computed` can only be read. */
  kind: 'block' | 'attribute' | 'computed';
  nesting: 'list' | 'set' | 'single';
  required?: boolean;
  maxItems?: number;
}

export interface NameTable {
  source: { package: string; version: string; provider: string; providerVersion: string };
  provider: SchemaBlock;
  resources: Record<string, SchemaBlock>;
  data: Record<string, SchemaBlock>;
}

export interface Attribute {
  /** A Terraform type such as `string`, `bool` or `list(string)`. */
  type: string;
  mode: 'required' | 'optional' | 'computed';
  /** What the API takes; empty where the schema does not say. */
  values: string[];
}

export const tableFile = join(import.meta.dirname, '../fixtures/google-provider-names.json');

export function readNameTable(): NameTable {
  return JSON.parse(readFileSync(tableFile, 'utf8')) as NameTable;
}

/** The attribute of that name, or undefined. `Object.hasOwn`, because a template may well say `constructor`. */
export function attributeOf(block: SchemaBlock, name: string): Attribute | undefined {
  if (block.attributes === undefined || !Object.hasOwn(block.attributes, name)) return undefined;
  const [type = '', mode = '', values] = (block.attributes[name] ?? '').split(' ');
  return { type, mode: mode as Attribute['mode'], values: values?.split('|') ?? [] };
}

export function nestedOf(block: SchemaBlock, name: string): NestedBlock | undefined {
  return block.blocks !== undefined && Object.hasOwn(block.blocks, name) ? block.blocks[name] : undefined;
}
