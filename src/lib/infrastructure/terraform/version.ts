import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner } from '../../platform/process/runner.js';

/** The first version with ephemeral values and the S3 backend's native lock file. */
export const oldestTerraform = '1.10.0';

const howToGet = [
  'Install it: https://developer.hashicorp.com/terraform/install (on macOS: brew install hashicorp/tap/terraform)',
];

/** Throws PrerequisiteError `TERRAFORM_MISSING` or `TERRAFORM_TOO_OLD`; returns the version. */
export async function requireTerraform(runner: ProcessRunner, cwd: string): Promise<string> {
  const version = await readVersion(runner, cwd);
  if (isOlder(version, oldestTerraform)) {
    throw new PrerequisiteError(`terraform ${version} is too old: ${oldestTerraform} or newer is needed`, {
      code: 'TERRAFORM_TOO_OLD',
      why: 'Older versions have no native lock file for a state in S3, and keep secrets in plans.',
      actions: howToGet,
    });
  }
  return version;
}

async function readVersion(runner: ProcessRunner, cwd: string): Promise<string> {
  const env = { CHECKPOINT_DISABLE: '1' };
  let output: { stdout: string; stderr: string };
  try {
    output = await runner.run('terraform', ['version', '-json'], { cwd, env });
  } catch (error) {
    throw new PrerequisiteError('terraform was not found', {
      code: 'TERRAFORM_MISSING',
      why: 'It is not on the PATH. mlops drives the terraform program, it does not replace it.',
      actions: howToGet,
      cause: error,
    });
  }
  const version = /"terraform_version":\s*"([^"]+)"/.exec(output.stdout)?.[1];
  // Before 0.13 there was no -json: the number then stands in the first line of the text.
  const fallback = /Terraform v(\d+\.\d+\.\d+\S*)/.exec(`${output.stdout}\n${output.stderr}`)?.[1];
  if (version !== undefined || fallback !== undefined) return version ?? fallback ?? '';
  throw new PrerequisiteError('The program terraform on the PATH does not say which version it is', {
    code: 'TERRAFORM_MISSING',
    why: output.stderr.split('\n', 1)[0] || 'Its output was empty.',
    actions: ['Run `terraform version`', ...howToGet],
  });
}

/** Compares release numbers; a pre-release counts as its release. */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10));
  const [left, right] = [numbers(version), numbers(than)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
