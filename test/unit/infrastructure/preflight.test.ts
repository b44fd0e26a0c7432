import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PrerequisiteError } from '../../../src/lib/base/errors/mlops-error.js';
import { requireAwsCredentials } from '../../../src/lib/infrastructure/preflight/aws.js';
import { requireGcpCredentials } from '../../../src/lib/infrastructure/preflight/gcp.js';
import { requireTerraform } from '../../../src/lib/infrastructure/terraform/version.js';
import type { ProcessRunner, RunResult } from '../../../src/lib/platform/process/runner.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

function runnerSaying(answer: Partial<RunResult> | Error): ProcessRunner {
  return {
    run: async () => {
      if (answer instanceof Error) throw answer;
      return { exitCode: 0, stdout: '', stderr: '', ...answer };
    },
    start: () => Promise.reject(new Error('not expected')),
  };
}

describe('terraform', () => {
  const versions = { '1.10.0': true, '1.11.4': true, '2.0.0': true, '1.9.8': false, '1.5.7': false, '0.15.5': false };
  test.each(Object.entries(versions))('%s is new enough: %s', async (version, enough) => {
    const check = requireTerraform(
      runnerSaying({ stdout: JSON.stringify({ terraform_version: version }, null, 2) }),
      '.',
    );
    if (enough) expect(await check).toBe(version);
    else expect(await errorOf(() => check)).toMatchObject({ code: 'TERRAFORM_TOO_OLD', exitCode: 5 });
  });

  test('versions so old that they know no JSON are recognized', async () => {
    const check = requireTerraform(runnerSaying({ stdout: 'Terraform v0.12.31\n' }), '.');
    expect((await errorOf(() => check)).message).toBe('terraform 0.12.31 is too old: 1.10.0 or newer is needed');
  });

  test('a missing one says how to get it', async () => {
    const missing = new PrerequisiteError('terraform was not found', { code: 'PROGRAM_MISSING' });
    const error = await errorOf(() => requireTerraform(runnerSaying(missing), '.'));
    expect(error).toMatchObject({ code: 'TERRAFORM_MISSING', exitCode: 5 });
    expect(error.actions.join()).toContain('https://developer.hashicorp.com/terraform/install');
  });

  test('another program of that name is told apart', async () => {
    const error = await errorOf(() => requireTerraform(runnerSaying({ stderr: 'segfault' }), '.'));
    expect(error).toMatchObject({ code: 'TERRAFORM_MISSING', why: 'segfault' });
  });
});

describe('AWS credentials', () => {
  const failing = (name: string, message: string) => ({
    callerIdentity: () => Promise.reject(Object.assign(new Error(message), { name })),
  });
  const context = {
    region: 'us-east-1',
    profile: undefined,
    env: { AWS_PROFILE: 'team', AWS_ACCESS_KEY_ID: 'planted' },
  };

  test('none, or expired ones: says where was looked, and no value', async () => {
    for (const name of ['CredentialsProviderError', 'ExpiredToken', 'InvalidClientTokenId']) {
      const error = await errorOf(() => requireAwsCredentials(failing(name, 'no'), context));
      expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING', exitCode: 5 });
      expect(error.why).toContain('AWS_PROFILE (team), AWS_ACCESS_KEY_ID (set), AWS_SESSION_TOKEN (not set)');
      expect(error.actions[0]).toBe('aws sso login --profile team');
      expect(JSON.stringify(error)).not.toContain('planted');
    }
  });

  test('the profile of mlops.yaml is the one that is named', async () => {
    const check = requireAwsCredentials(failing('ExpiredToken', 'no'), { ...context, profile: 'mine' });
    expect((await errorOf(() => check)).why).toContain("profile 'mine' of mlops.yaml");
  });

  test('an endpoint that does not answer is told apart', async () => {
    const check = requireAwsCredentials(failing('TimeoutError', 'no answer'), context);
    expect(await errorOf(() => check)).toMatchObject({ code: 'AWS_UNREACHABLE', exitCode: 5 });
  });
});

describe('Google Cloud credentials', () => {
  const missing = new PrerequisiteError('no gcloud', { code: 'PROGRAM_MISSING' });

  test('a token, a key file that is there, or gcloud', async () => {
    const file = join(await tempDir(), 'key.json');
    await writeFile(file, '{}');
    const check = (runner: ProcessRunner, env: Record<string, string>) => requireGcpCredentials(runner, env, '.');
    expect(await check(runnerSaying(missing), { GOOGLE_OAUTH_ACCESS_TOKEN: 'x' })).toBe('GOOGLE_OAUTH_ACCESS_TOKEN');
    expect(await check(runnerSaying(missing), { GOOGLE_APPLICATION_CREDENTIALS: file })).toContain(file);
    expect(await check(runnerSaying({ stdout: 'ya29.planted' }), {})).not.toContain('planted');
  });

  test('without any: says where was looked', async () => {
    const absent = await errorOf(() => requireGcpCredentials(runnerSaying(missing), {}, '.'));
    expect(absent).toMatchObject({ code: 'CREDENTIALS_MISSING', exitCode: 5 });
    expect(absent.why).toContain('gcloud is not installed');
    const env = { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' };
    const unreadable = await errorOf(() => requireGcpCredentials(runnerSaying(missing), env, '.'));
    expect(unreadable.why).toContain('/nowhere.json, which cannot be read');
    const expired = runnerSaying({ exitCode: 1, stderr: 'ERROR: Reauthentication failed.\nmore' });
    expect((await errorOf(() => requireGcpCredentials(expired, {}, '.'))).why).toContain('Reauthentication failed');
  });
});
