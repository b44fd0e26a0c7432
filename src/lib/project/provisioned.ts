import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';

/** Outputs of the project's infrastructure by name, as `mlops provision` saved them; what is switched off is null. */
export type Provisioned = Readonly<Record<string, unknown>>;

/**
 * What `mlops provision` made for this project, from infra/<cloud>/outputs.json; empty when it made nothing.
 * Throws UsageError `OUTPUTS_UNREADABLE`.
 */
export async function readProvisioned(projectDir: string, cloud: 'aws' | 'gcp'): Promise<Provisioned> {
  const file = `infra/${cloud}/outputs.json`;
  try {
    const outputs: unknown = JSON.parse(await readFile(join(projectDir, file), 'utf8'));
    if (typeof outputs === 'object' && outputs !== null && !Array.isArray(outputs)) return outputs as Provisioned;
    throw new Error('it is not an object');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw new UsageError(`${file} cannot be read`, {
      code: 'OUTPUTS_UNREADABLE',
      why: describeError(error),
      actions: ['Write it anew: mlops provision --outputs'],
      cause: error,
    });
  }
}

/** An output that is a text and not empty. */
export function textOutput(outputs: Provisioned, name: string): string | undefined {
  const value = outputs[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An output that is a list of texts; empty when it is switched off. */
export function listOutput(outputs: Provisioned, name: string): string[] {
  const value = outputs[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
