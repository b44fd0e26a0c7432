import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectWith } from '../../support/infrastructure-deps.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { type CliRun, mlops } from '../../support/provision-cli.js';
import { hasTerraform, terraformEnv } from '../../support/terraform.js';

const configuration = `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
provider "aws" {
  region      = var.region
  max_retries = 3
}
variable "name" {
  type = string
}
variable "region" {
  type = string
}
resource "aws_ssm_parameter" "first" {
  name  = "/\${var.name}/first"
  type  = "String"
  value = "x"
}
resource "aws_sns_topic" "second" {
  name       = "\${var.name}-second"
  depends_on = [aws_ssm_parameter.first]
}
resource "aws_iam_group" "third" {
  name       = "\${var.name}-third"
  depends_on = [aws_ssm_parameter.first]
}
`;

const json = (run: CliRun) =>
  JSON.parse(run.stdout) as { error: { code: string; message: string; why: string; actions: string[] } };

describe.skipIf(!hasTerraform || !hasMoto)('an API that refuses', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  async function project() {
    moto.faults.length = 0;
    const { dir } = await projectWith('aws', { 'main.tf': configuration }, 'name: faulty\n');
    const options = { cwd: dir, env: { ...moto.env, ...terraformEnv(dir) } };
    return { options, run: (...args: string[]) => mlops(['provision', '--yes', '--json', ...args], options) };
  }

  test('throttled: waited for. Faulty: told by resource with its place. Denied: which action on what. The next run goes on', async () => {
    const { run } = await project();
    moto.faults.push(
      { call: 'ssm:PutParameter', fault: 'throttle', times: 2 },
      { call: 'sns:CreateTopic', fault: 'error' },
      { call: 'iam:CreateGroup', fault: 'denied' },
    );
    const refused = await run();
    expect(refused.exitCode, refused.stderr).toBe(1);
    expect(moto.seen.filter((call) => call === 'ssm:PutParameter')).toHaveLength(3);
    const { error } = json(refused);
    expect(error).toMatchObject({ code: 'TERRAFORM_FAILED', message: 'terraform apply failed with 2 errors' });
    expect(error.why).toContain('1 of 3 changes were made and are in the state');
    expect(error.why).toMatch(/aws_sns_topic\.second \(main\.tf:\d+\)/);
    expect(error.actions).toContainEqual(expect.stringContaining('fault of its own'));
    expect(error.actions).toContainEqual(expect.stringMatching(/^Allow iam:CreateGroup on arn:aws:test:::it for/));

    moto.faults.length = 0;
    const gone = await run();
    expect(gone.exitCode, gone.stderr).toBe(0);
    expect(JSON.parse(gone.stdout)).toMatchObject({ applied: { created: 2, changed: 0, destroyed: 0 } });
  });

  test('no credentials, and expired ones, are said before terraform starts', async () => {
    const { run, options } = await project();
    moto.faults.push({ call: 'sts:GetCallerIdentity', fault: 'expired' });
    const expired = await run();
    expect(expired.exitCode).toBe(5);
    expect(json(expired).error).toMatchObject({ code: 'CREDENTIALS_MISSING', why: expect.stringContaining('expired') });
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...env } = options.env as Record<string, string>;
    const none = await mlops(['provision', '--yes', '--json'], { ...options, env });
    expect(none.exitCode).toBe(5);
    expect(json(none).error.why).toContain('AWS_ACCESS_KEY_ID (not set)');
    expect(expired.stderr + none.stderr).not.toContain('Initializing');
  });
});
