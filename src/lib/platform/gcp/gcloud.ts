import { access } from 'node:fs/promises';
import type { ProcessRunner } from '../process/runner.js';

export interface GcpCredentials {
  readonly found: boolean;
  /** Where it was looked, or what was found. */
  readonly source: string;
}

/** The application default credentials that Google's Terraform provider takes, in its order. The token is not kept. */
export async function findGcpCredentials(
  runner: ProcessRunner,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<GcpCredentials> {
  if (env.GOOGLE_OAUTH_ACCESS_TOKEN) return { found: true, source: 'GOOGLE_OAUTH_ACCESS_TOKEN' };
  const file = env.GOOGLE_APPLICATION_CREDENTIALS;
  if (file) {
    const found = await access(file).then(
      () => true,
      () => false,
    );
    return { found, source: `GOOGLE_APPLICATION_CREDENTIALS (${file}${found ? '' : ', which cannot be read'})` };
  }
  const source = 'gcloud auth application-default (GOOGLE_APPLICATION_CREDENTIALS is not set)';
  try {
    const { exitCode, stderr } = await runner.run('gcloud', ['auth', 'application-default', 'print-access-token'], {
      cwd,
    });
    if (exitCode === 0) return { found: true, source };
    return { found: false, source: `${source}: ${stderr.split('\n', 1)[0]}` };
  } catch {
    return { found: false, source: `${source}; the program gcloud is not installed` };
  }
}
