import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { findGcpCredentials } from '../../platform/gcp/gcloud.js';
import type { ProcessRunner } from '../../platform/process/runner.js';

/** Throws PrerequisiteError `CREDENTIALS_MISSING`; returns where the credentials come from. */
export async function requireGcpCredentials(
  runner: ProcessRunner,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string> {
  const { found, source } = await findGcpCredentials(runner, env, cwd);
  if (found) return source;
  throw new PrerequisiteError('There are no valid Google Cloud credentials', {
    code: 'CREDENTIALS_MISSING',
    why: `Looked at: ${source}.`,
    actions: ['gcloud auth application-default login'],
  });
}
