import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

async function project(yaml: string): Promise<string> {
  const dir = await tempDir();
  await writeFile(join(dir, 'mlops.yaml'), yaml);
  return dir;
}

test.each(['docker', 'eks', 'gke', 'cloud-run'])(
  '%s: public without authentication is refused before anything is asked',
  async (target) => {
    const cwd = await project('deploy: { expose: public }\n');
    // No program is to be found: nothing may be run before the refusal.
    const { exitCode, stdout } = await runCli(['deploy', '--target', target, '--json'], {
      cwd,
      env: { PATH: '/nowhere' },
    });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'PUBLIC_UNAUTHENTICATED', exitCode: 2 });
  },
);

test.each(['deploy', 'status', 'rollback'])('%s asks for a target', async (command) => {
  const { exitCode, stderr } = await runCli([command], { cwd: await project('name: demo\n') });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    'Neither --target nor deploy.target in mlops.yaml names one of docker, eks, gke, cloud-run.',
  );
});

test('without docker, says what is missing, exit 5', async () => {
  const cwd = await project('name: demo\ndeploy: { target: docker }\n');
  const { exitCode, stdout } = await runCli(['status', '--json'], { cwd, env: { PATH: '/nowhere' } });
  expect(exitCode).toBe(5);
  expect(JSON.parse(stdout).error.code).toBe('PROGRAM_MISSING');
});

test('wrong usage of the gate is said by the parser', async () => {
  const { exitCode, stderr } = await runCli(['deploy', '--target', 'docker', '--gate-duration', '5s']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--gate');
});
