import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { projectWith } from '../../support/infrastructure-deps.js';
import { type CliRun, mlops, startMlops } from '../../support/provision-cli.js';
import { tempDir } from '../../support/temp-dir.js';
import { hasTerraform } from '../../support/terraform.js';

// The real terraform with its built-in provider: nothing is downloaded, no cloud is asked.
const env = { GOOGLE_OAUTH_ACCESS_TOKEN: 'token', CHECKPOINT_DISABLE: '1' };

const configuration = `
terraform {
  required_version = ">= 1.10"
}
variable "name" {
  type = string
  validation {
    condition     = length(var.name) < 20
    error_message = "name must be shorter than 20."
  }
}
variable "seconds" {
  type    = number
  default = 0
}
variable "token" {
  type      = string
  default   = null
  sensitive = true
  ephemeral = true
}
resource "terraform_data" "quick" {
  input = var.name
}
resource "terraform_data" "slow" {
  input            = terraform_data.quick.output
  triggers_replace = [var.name]
  provisioner "local-exec" {
    command     = "echo $TOKEN; touch started; sleep \${var.seconds}"
    environment = { TOKEN = var.token == null ? "none" : var.token }
  }
}
output "name" {
  value = terraform_data.slow.output
}
`;

async function project() {
  const made = await projectWith('gcp', { 'main.tf': configuration });
  const options = { cwd: made.dir, env };
  return { ...made, options, run: (...args: string[]) => mlops(['provision', ...args], options) };
}

const json = (run: CliRun) => JSON.parse(run.stdout) as Record<string, never>;

describe.skipIf(!hasTerraform)('mlops provision with the real terraform', () => {
  test('plan, apply, nothing to do, outputs, change, destroy', async () => {
    const { run, infra } = await project();
    expect(await run('--dry-run', '--detailed-exitcode')).toMatchObject({ exitCode: 3 });
    expect((await run('--plan')).exitCode).toBe(0);
    expect(existsSync(join(infra, 'terraform.tfstate'))).toBe(false);

    const applied = await run('--yes', '--json');
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(json(applied)).toMatchObject({ action: 'apply', applied: { created: 2 } });
    const again = await run('--dry-run', '--detailed-exitcode');
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No changes') });
    expect((await run('--outputs')).stdout).toBe('name = demo\n');

    const changed = await run('--yes', '--set', 'name=other');
    expect(changed.stderr).toContain('-/+ terraform_data.slow: triggers_replace[0] cannot be changed in place');
    expect((await run('--destroy', '--yes', '--json')).exitCode).toBe(0);
    expect(JSON.parse(await readFile(join(infra, 'terraform.tfstate'), 'utf8'))).toMatchObject({ resources: [] });
  });

  test.each(['Ctrl-C', 'SIGINT', 'SIGTERM'] as const)(
    '%s in the middle of an apply: state saved, no lock, the next run goes on',
    async (signal) => {
      const { run, infra, options } = await project();
      const started = startMlops(['provision', '--yes', '--json', '--set', 'seconds=60'], options);
      // What is quick is done, what is slow under way.
      await underWay(infra);
      if (signal === 'Ctrl-C') started.ctrlC();
      else started.child.kill(signal);
      const ended = await started.done;
      expect(ended.exitCode).toBe(130);
      expect(json(ended)).toMatchObject({
        error: { code: 'INTERRUPTED', exitCode: 130, message: 'Interrupted: 1 of 2 changes were made' },
      });
      expect(ended.stdout).toContain('terraform_data.slow');
      expect(existsSync(join(infra, '.terraform.tfstate.lock.info'))).toBe(false);

      const next = await run('--yes', '--json');
      expect(next.exitCode, next.stderr).toBe(0);
      expect(json(next)).toMatchObject({ plan: { counts: { replace: 1, create: 0 } } });
      expect(next.stderr).toContain('its creation was not finished');
    },
  );

  test('a held lock is explained, and two runs at once do not harm each other', async () => {
    const { run, infra, options } = await project();
    const first = startMlops(['provision', '--yes', '--set', 'seconds=4'], options);
    await underWay(infra);
    const second = await run('--yes', '--json');
    expect(second.exitCode).toBe(1);
    expect(json(second)).toMatchObject({ error: { code: 'STATE_LOCKED' } });
    expect(second.stdout).toMatch(/holds it since \d{4}-\d\d-\d\dT.*\(apply, lock [0-9a-f-]+\)/);
    expect(second.stdout).toContain('terraform -chdir=infra/gcp force-unlock');
    expect((await first.done).exitCode).toBe(0);
    expect((await run('--dry-run')).stdout).toContain('No changes');
  });

  test('a wrong variable is wrong usage: an unknown one before terraform starts, a bad value by its own message', async () => {
    const { run } = await project();
    const unknown = await run('--dry-run', '--json', '--set', 'nme=x');
    expect(unknown.exitCode).toBe(2);
    expect(json(unknown)).toMatchObject({ error: { code: 'VARIABLE_UNKNOWN' } });
    const bad = await run('--dry-run', '--json', '--set', 'name=far-too-long-for-anything');
    expect(bad.exitCode).toBe(2);
    expect(json(bad)).toMatchObject({
      error: { code: 'VARIABLE_INVALID', why: expect.stringContaining('name must be shorter than 20.') },
    });
  });

  test('without --yes and without a terminal nothing starts', async () => {
    const { run, infra } = await project();
    for (const args of [[], ['--destroy']]) {
      const refused = await run('--json', ...args);
      expect(refused.exitCode).toBe(2);
      expect(json(refused)).toMatchObject({ error: { code: 'CONFIRMATION_REQUIRED' } });
      expect(refused.stdout).toContain('--yes');
    }
    expect(await readdir(infra)).toEqual(['main.tf']);
  });

  test('a planted secret is found in no state, plan, file, argument or log', async () => {
    const planted = 'planted-5f2c9a-secret';
    const { infra, dir } = await project();
    // A terraform in between writes down how it is called, and every file that exists while it runs.
    const spyDir = await tempDir();
    const real = (process.env.PATH ?? '')
      .split(delimiter)
      .map((place) => join(place, 'terraform'))
      .find(existsSync);
    const spy = `#!/bin/sh\necho "$@" >> ${spyDir}/argv\nenv | grep -c ${planted} >> ${spyDir}/env\n"${real}" "$@"\nstatus=$?\nfor last; do :; done\nfor arg; do case "$arg" in -out=*) cp "\${arg#-out=}" ${spyDir}/plan ;; esac; done\nexit $status\n`;
    await mkdir(join(spyDir, 'bin'));
    await writeFile(join(spyDir, 'bin', 'terraform'), spy, { mode: 0o755 });
    const options = {
      cwd: dir,
      env: { ...env, PATH: `${join(spyDir, 'bin')}${delimiter}${process.env.PATH}`, TOKEN: planted, DEBUG: '*' },
    };
    const run = await mlops(['provision', '--yes', '--json', '--set', 'token=env://TOKEN'], options);
    expect(run.exitCode, run.stderr).toBe(0);
    expect((await readFile(join(spyDir, 'env'), 'utf8')).split('\n')).toContain('1');
    const plan = unzipped(await readFile(join(spyDir, 'plan')));
    // The search can find what is there.
    expect(plan).toContain('demo');
    const places = [plan, run.stdout, run.stderr, await readFile(join(spyDir, 'argv'), 'utf8')];
    for (const entry of await readdir(infra, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) places.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
    }
    for (const place of places) expect(place).not.toContain(planted);
  });

  test('terraform that is missing or too old is said before anything starts', async () => {
    const { dir, infra } = await project();
    const bare = await tempDir();
    await symlink(process.execPath, join(bare, 'node'));
    const missing = await mlops(['provision', '--yes', '--json'], { cwd: dir, env: { ...env, PATH: bare } });
    expect(missing.exitCode).toBe(5);
    expect(json(missing)).toMatchObject({ error: { code: 'TERRAFORM_MISSING' } });
    await writeFile(join(bare, 'terraform'), '#!/bin/sh\necho \'{"terraform_version":"1.5.7"}\'\n');
    await chmod(join(bare, 'terraform'), 0o755);
    const old = await mlops(['provision', '--yes', '--json'], { cwd: dir, env: { ...env, PATH: bare } });
    expect(old.exitCode).toBe(5);
    expect(json(old)).toMatchObject({ error: { code: 'TERRAFORM_TOO_OLD' } });
    expect(await readdir(infra)).toEqual(['main.tf']);
  });
});

/** Everything in a zip file, one after the other: plan files are zip files. */
function unzipped(zip: Buffer): string {
  const texts: string[] = [];
  for (let at = zip.indexOf('PK\x03\x04'); at !== -1; at = zip.indexOf('PK\x03\x04', at + 4)) {
    const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
    const isStored = zip.readUInt16LE(at + 8) === 0;
    texts.push((isStored ? zip.subarray(start) : inflateRawSync(zip.subarray(start))).toString('latin1'));
  }
  return texts.join('\n');
}

/** Resolves when the slow resource has begun. */
async function underWay(infra: string): Promise<void> {
  while (!existsSync(join(infra, 'started'))) await sleep(20);
}
