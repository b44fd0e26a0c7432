import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { describeError, hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';

const file = 'deploy/kubernetes/overlay/kustomization.yaml';

/**
 * Names of the components that the project's manifests switch on, such as `cloudwatch`; none without manifests.
 * Throws UsageError `KUSTOMIZATION_UNREADABLE`.
 */
export async function readKubernetesComponents(projectDir: string): Promise<readonly string[]> {
  try {
    const document: unknown = parse(await readFile(join(projectDir, file), 'utf8'));
    const components = (document as { components?: unknown } | null)?.components ?? [];
    if (!Array.isArray(components)) throw new Error('components is not a list');
    return components.filter((item) => typeof item === 'string').map((path) => basename(path));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new UsageError(`${file} cannot be read`, {
      code: 'KUSTOMIZATION_UNREADABLE',
      why: describeError(error),
      cause: error,
    });
  }
}
