import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectWith } from '../../support/infrastructure-deps.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { type CliRun, mlops, startMlops } from '../../support/provision-cli.js';
import { hasTerraform } from '../../support/terraform.js';

// The built-in provider makes nothing in AWS: what is tested here is where the state lies.
const configuration = `
variable "name" {
  type = string
}
variable "seconds" {
  type    = number
  default = 0
}
resource "terraform_data" "one" {
  input            = var.name
  triggers_replace = [var.seconds]
  provisioner "local-exec" {
    command = "sleep \${var.seconds}"
  }
}
`;

const json = (run: CliRun) => JSON.parse(run.stdout) as { error: { code: string; why: string } };

describe.skipIf(!hasTerraform || !hasMoto)('a state in S3', () => {
  let moto: Moto;
  let s3: S3Client;

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    s3 = new S3Client({ endpoint: moto.url, region: 'us-east-1', credentials });
  });
  afterAll(() => moto.stop());

  async function project() {
    const made = await projectWith('aws', { 'main.tf': configuration }, 'name: demo\n');
    const options = { cwd: made.dir, env: { ...moto.env, CHECKPOINT_DISABLE: '1' } };
    return { ...made, options, run: (...args: string[]) => mlops(['provision', ...args], options) };
  }

  test('moves there with what it holds, into a bucket that is made and secured', async () => {
    const { run, infra } = await project();
    expect((await run('--yes')).exitCode).toBe(0);
    const moved = await run('--yes', '--backend', 's3://team-state/demo/terraform.tfstate');
    expect(moved.exitCode, moved.stderr).toBe(0);
    expect(moved.stderr).toContain('The state moves from terraform.tfstate in the working folder to s3://team-state');
    expect(moved.stdout).toContain('No changes');

    const Bucket = 'team-state';
    expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: 'Enabled' });
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toContain('aws:SecureTransport');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['demo/terraform.tfstate']);
    expect(JSON.parse(await readFile(join(infra, 'backend.tf.json'), 'utf8'))).toMatchObject({
      terraform: { backend: { s3: { bucket: Bucket, use_lockfile: true, encrypt: true } } },
    });
    // It stays there without being told again.
    expect((await run('--dry-run')).stdout).toContain('No changes');
  });

  test('is not put over the state of something else', async () => {
    const first = await project();
    expect((await first.run('--yes', '--backend', 's3://shared-state/same.tfstate')).exitCode).toBe(0);
    const second = await project();
    expect((await second.run('--yes')).exitCode).toBe(0);
    const refused = await second.run('--yes', '--json', '--backend', 's3://shared-state/same.tfstate');
    expect(refused.exitCode).toBe(1);
    expect(json(refused).error.code).toBe('STATE_EXISTS');
    expect(existsSync(join(second.infra, 'backend.tf.json'))).toBe(false);
  });

  test('is locked while somebody else applies, and says who', async () => {
    const { run, options } = await project();
    expect((await run('--yes', '--backend', 's3://locked-state/a.tfstate')).exitCode).toBe(0);
    const first = startMlops(['provision', '--yes', '--set', 'seconds=6'], options);
    await first.said('- Applying');
    for (;;) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'locked-state' }));
      if (Contents.some(({ Key }) => Key?.endsWith('.tflock'))) break;
    }
    const second = await run('--yes', '--json');
    expect(second.exitCode).toBe(1);
    expect(json(second).error).toMatchObject({ code: 'STATE_LOCKED', why: expect.stringContaining('(apply, lock ') });
    expect((await first.done).exitCode).toBe(0);
  });

  test('an object that nobody of us put there is seen before anything is written', async () => {
    const { run, infra } = await project();
    expect((await run('--yes')).exitCode).toBe(0);
    await s3.send(new PutObjectCommand({ Bucket: 'shared-state', Key: 'other', Body: 'x' }));
    expect((await run('--yes', '--backend', 's3://shared-state/other')).exitCode).toBe(1);
    expect(existsSync(join(infra, 'backend.tf.json'))).toBe(false);
  });
});
