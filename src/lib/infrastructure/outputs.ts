import { join } from 'node:path';
import { writeAtomically } from '../platform/files/write.js';
import type { Terraform } from './terraform/terraform.js';

/** An output of the configuration. The value of a sensitive one is null here: it never leaves terraform. */
export interface OutputValue {
  readonly sensitive: boolean;
  readonly value: unknown;
}

export type Outputs = Readonly<Record<string, OutputValue>>;

/** Where the outputs lie for the other commands, in the working folder: `{"name": value}`, sensitive ones left out. */
export const outputsFile = 'outputs.json';

const longestShown = 160;

export async function readOutputs(terraform: Terraform): Promise<Outputs> {
  const raw = await terraform.outputs<Record<string, { sensitive?: boolean; value?: unknown }>>();
  return Object.fromEntries(
    Object.entries(raw).map(([name, { sensitive, value }]) => {
      return [name, { sensitive: sensitive === true, value: sensitive === true ? null : (value ?? null) }];
    }),
  );
}

export async function saveOutputs(dir: string, outputs: Outputs): Promise<void> {
  const plain = Object.entries(outputs).filter(([, { sensitive }]) => !sensitive);
  const document = Object.fromEntries(plain.map(([name, { value }]) => [name, value]));
  await writeAtomically(join(dir, outputsFile), `${JSON.stringify(document, null, 2)}\n`);
}

/** `name = value`; what is switched off (null) is left out. */
export function outputTexts(outputs: Outputs): string[] {
  return Object.entries(outputs).flatMap(([name, { sensitive, value }]) => {
    if (sensitive) return [`${name} = (sensitive: terraform output ${name})`];
    if (value === null) return [];
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text.length <= longestShown) return [`${name} = ${text}`];
    return [`${name} = ${text.slice(0, longestShown)}... (${text.length} characters, whole with --json)`];
  });
}
