import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError, hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { parseProject } from './parse.js';
import { type ProjectConfig, projectSchema } from './schema.js';

export interface Project {
  /** Absolute path of mlops.yaml; undefined when there is none and everything is default. */
  readonly file: string | undefined;
  /** Relative paths in the file start here. */
  readonly dir: string;
  readonly config: ProjectConfig;
}

export const projectFileName = 'mlops.yaml';

/**
 * Reads `mlops.yaml` in `dir`, or takes the defaults when there is none.
 * Throws UsageError: `PROJECT_INVALID` lists every problem with its line, `PROJECT_UNREADABLE` says why.
 */
export async function loadProject(dir: string): Promise<Project> {
  const file = join(dir, projectFileName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { file: undefined, dir, config: projectSchema.parse({}) };
    throw new UsageError(`${projectFileName} could not be read`, {
      code: 'PROJECT_UNREADABLE',
      why: describeError(error),
      cause: error,
    });
  }
  return { file, dir: dirname(file), config: parseProject(text) };
}
