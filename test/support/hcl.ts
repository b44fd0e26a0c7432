import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type OutlineEntry, outline } from './hcl-outline.js';

// By require, because the package's types pull the whole DOM into the program.
const require = createRequire(import.meta.url);
const hcl2json: { parse(file: string, text: string): Promise<Record<string, unknown>> } = require('@cdktf/hcl2json');

/** An argument: its value as hcl2json gives it (an expression is text in `${}`). */
export interface Argument {
  name: string;
  value: unknown;
  file: string;
  line: number;
}

/** A block. `dynamic` ones appear under the name they make, with their `content`; for_each is in `dynamic`. */
export interface Block {
  name: string;
  labels: string[];
  file: string;
  line: number;
  arguments: Argument[];
  blocks: Block[];
  dynamic?: Argument[];
}

/** Every `.tf` file of a folder by name, or those with another ending. */
export function readTemplates(folder: string, ending = '.tf'): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/**
 * The top-level blocks of Terraform files, parsed by hcl2json and put to their lines.
 * Throws hcl2json's error (file, line and column) for text that is not HCL, an Error where lines and values disagree.
 */
export async function parseTemplates(files: Map<string, string>): Promise<Block[]> {
  const parsed: Block[] = [];
  for (const [file, text] of files) {
    const json = await hcl2json.parse(file, text);
    const entries = outline(text);
    const top = bodyOf(file, entries, json);
    if (top.arguments.length > 0) throw new Error(`${file}: an argument outside of a block`);
    parsed.push(...top.blocks);
  }
  return parsed;
}

type Body = Pick<Block, 'arguments' | 'blocks'>;

function bodyOf(file: string, entries: OutlineEntry[], json: unknown): Body {
  const values = object(json, file);
  const unseen = new Set(Object.keys(values));
  const taken = new Map<string, number>();
  const body: Body = { arguments: [], blocks: [] };
  for (const entry of entries) {
    unseen.delete(entry.name);
    const where = `${file}:${entry.line} ${[entry.name, ...entry.labels].join('.')}`;
    if (entry.kind === 'argument') {
      if (!(entry.name in values)) throw new Error(`${where}: hcl2json does not see this argument`);
      body.arguments.push({ name: entry.name, value: values[entry.name], file, line: entry.line });
      continue;
    }
    const path = [entry.name, ...entry.labels];
    const list = path.reduce<unknown>((value, key) => object(value, where)[key], values);
    const key = path.join(' ');
    const index = taken.get(key) ?? 0;
    taken.set(key, index + 1);
    if (!Array.isArray(list) || list[index] === undefined)
      throw new Error(`${where}: hcl2json does not see this block`);
    body.blocks.push(blockOf(file, entry, list[index]));
  }
  if (unseen.size > 0) throw new Error(`${file}: ${[...unseen].join(', ')} of hcl2json has no line`);
  return body;
}

function blockOf(file: string, entry: OutlineEntry, json: unknown): Block {
  const { arguments: args, blocks } = bodyOf(file, entry.children, json);
  const { name, labels, line } = entry;
  if (name !== 'dynamic') return { name, labels, file, line, arguments: args, blocks };
  const content = blocks.find((block) => block.name === 'content');
  if (content === undefined) throw new Error(`${file}:${line} dynamic ${labels[0]}: no content`);
  return { ...content, name: labels[0] ?? '', labels: [], line, dynamic: args };
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where}: not a body`);
  return value as Record<string, unknown>;
}

/** `google_compute_network.main`, `var.name`, `output.region`: the address of a top-level block. */
export function addressOf(block: Block): string {
  const prefix = block.name === 'resource' ? [] : [block.name === 'variable' ? 'var' : block.name];
  return [...prefix, ...block.labels].join('.');
}

/** The value of an argument, or undefined when it is not set. */
export function argumentValue(block: Block, name: string): unknown {
  return block.arguments.find((argument) => argument.name === name)?.value;
}

/** Every argument of a block and of the blocks in it, at any depth, for_each of dynamic blocks included. */
export function allArguments(block: Block): Argument[] {
  return [...block.arguments, ...(block.dynamic ?? []), ...block.blocks.flatMap(allArguments)];
}

/** Every text in a value, whether it is a list, an object (with its keys) or a text itself. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([k, v]) => [k, ...textsIn(v)]);
  return [];
}
