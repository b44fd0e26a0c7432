import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import type { SloSite } from '../slo/sources.js';
import type { Project } from './project.js';

const overlayFile = 'deploy/kubernetes/overlay/kustomization.yaml';

/** Where the server of a project runs, and which components of its manifests are on. Throws UsageError `OVERLAY_UNREADABLE`. */
export async function readSloSite({ dir, config }: Project): Promise<SloSite> {
  return {
    name: config.name,
    target: config.deploy?.target,
    namespace: config.deploy?.namespace,
    components: await componentsOf(dir),
  };
}

/** Names of the components that the user's overlay switches on; none when there is no overlay yet. */
async function componentsOf(projectDir: string): Promise<readonly string[]> {
  try {
    const text = await readFile(join(projectDir, overlayFile), 'utf8');
    const { parse } = await import('yaml');
    const overlay: unknown = parse(text);
    const components: unknown =
      typeof overlay === 'object' && overlay !== null ? (overlay as { components?: unknown }).components : undefined;
    if (!Array.isArray(components)) return [];
    return components.filter((path) => typeof path === 'string').map((path) => path.split('/').at(-1) ?? path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new UsageError(`${overlayFile} cannot be read`, {
      code: 'OVERLAY_UNREADABLE',
      why: describeError(error),
      cause: error,
    });
  }
}
