import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagedTemplates } from '../../../src/lib/infrastructure/folder/working-folder.js';
import { hasTerraform, terraformEnv } from '../../support/terraform.js';

// The templates with the real provider and their own tests, whose provider is mocked: no cloud, no credentials.

const templates = join(packagedTemplates, 'aws');
const folder = mkdtempSync(join(tmpdir(), 'mlops-aws-'));
const infra = join(folder, 'infra');

async function terraform(cwd: string, ...args: string[]): Promise<{ exitCode: number; stdout: string }> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(TF_|AWS_)/.test(name));
  const env = { ...Object.fromEntries(clean), ...terraformEnv(folder), AWS_EC2_METADATA_DISABLED: 'true' };
  return await new Promise((resolve) => {
    execFile('terraform', args, { cwd, env, maxBuffer: 2 ** 28 }, (error, stdout) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout });
    });
  });
}

describe.skipIf(!hasTerraform)('the AWS templates in terraform', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    cpSync(templates, infra, { recursive: true });
    expect(await terraform(infra, 'init', '-backend=false', '-input=false')).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are formatted', async () => {
    expect(await terraform(templates, 'fmt', '-check', '-recursive')).toEqual({ exitCode: 0, stdout: '' });
  });

  test('validate with the real provider', async () => {
    const { stdout } = await terraform(infra, 'validate', '-json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, diagnostics: [] });
  });

  test('pass every one of their own tests', async () => {
    const files = readdirSync(join(infra, 'tests')).filter((name) => name.endsWith('.tftest.hcl'));
    const runs = files.flatMap((name) => readFileSync(join(infra, 'tests', name), 'utf8').match(/^run "/gm) ?? []);
    const { stdout } = await terraform(infra, 'test', '-json');
    const events = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as TestEvent] : []));
    const errors = events.flatMap(({ diagnostic }) => (diagnostic?.severity === 'error' ? [diagnostic.detail] : []));
    expect(errors).toEqual([]);
    const summary = events.find(({ type }) => type === 'test_summary')?.test_summary;
    expect(summary).toMatchObject({ status: 'pass', passed: runs.length, failed: 0, errored: 0, skipped: 0 });
  });
});

interface TestEvent {
  readonly type: string;
  readonly diagnostic?: { readonly severity: string; readonly detail: string };
  readonly test_summary?: object;
}
