import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

// A PATH without docker: what these commands do before they need a daemon.
const withoutDocker = { PATH: '/nowhere' };

test('build --dry-run says what would be in the image', async () => {
  const cwd = await tempDir();
  const { exitCode, stdout } = await runCli(['build', '--dry-run', '--json', '--platform', 'linux/arm64'], {
    cwd,
    env: withoutDocker,
  });
  expect(exitCode).toBe(0);
  const result = JSON.parse(stdout) as {
    platform: string;
    layers: { name: string; bytes: number }[];
    addedBytes: number;
  };
  expect(result.platform).toBe('linux/arm64');
  expect(result.layers.map(({ name }) => name)).toEqual(['runtime', 'server', 'configuration', 'model']);
  expect(result.addedBytes).toBeLessThan(90e6);
  const text = await runCli(['build', '--dry-run'], { cwd, env: withoutDocker });
  expect(text.stdout).toMatch(/^Would build\n.*\n\n +runtime +\d+\.\d MiB$/m);
});

test('build --eject needs no docker', async () => {
  const cwd = await tempDir();
  const { exitCode, stdout } = await runCli(['build', '--eject', 'image'], { cwd, env: withoutDocker });
  expect(exitCode).toBe(0);
  expect(existsSync(join(cwd, 'image', 'Dockerfile'))).toBe(true);
  expect(stdout).toContain(`Build it: docker build --tag mlops ${join(cwd, 'image')}`);
});

test.each([[['build']], [['push', '--registry', '127.0.0.1:5000']]])(
  '%o without docker says what is missing',
  async (args) => {
    const { exitCode, stdout } = await runCli([...args, '--json'], { cwd: await tempDir(), env: withoutDocker });
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PROGRAM_MISSING', exitCode: 5 } });
  },
);
