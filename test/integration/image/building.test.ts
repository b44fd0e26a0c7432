import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { buildImage } from '../../../src/lib/image/build.js';
import { createImageDeps } from '../../../src/lib/image/create-deps.js';
import type { ImageDeps } from '../../../src/lib/image/deps.js';
import { pushImage } from '../../../src/lib/image/push.js';
import { createDocker } from '../../../src/lib/platform/docker/docker.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { loadProject } from '../../../src/lib/project/project.js';
import { runCli } from '../../support/cli.js';
import { startContainer } from '../../support/docker/container.js';
import { docker, hardened, hasRegistry, prepareDocker, prepareTimeoutMs } from '../../support/docker/daemon.js';
import { askGolden, goldenLabels } from '../../support/docker/golden.js';
import { registryLogin, startRegistry } from '../../support/docker/registry.js';
import { makeProject } from '../../support/project-folder.js';
import { tempDir } from '../../support/temp-dir.js';

/** Everything real but what a test replaces. `argv` keeps the arguments of every program. */
function realDeps(env: Record<string, string> = {}): ImageDeps & { argv: string[] } {
  const argv: string[] = [];
  const real = createProcessRunner();
  const note = (program: string, args: readonly string[]) => void argv.push([program, ...args].join(' '));
  const runner: typeof real = {
    run: (program, args, options) => {
      note(program, args);
      return real.run(program, args, { ...options, env: { ...env, ...options?.env } });
    },
    start: (program, args, options) => {
      note(program, args);
      return real.start(program, args, { ...options, env: { ...env, ...options?.env } });
    },
  };
  const signal = new AbortController().signal;
  const given = { env: { ...process.env, ...env }, mlopsVersion: '0.0.0', nodeArch: process.arch, signal };
  const deps = createImageDeps({ runner, reporter: silentReporter, ...given });
  return { ...deps, argv, docker: createDocker({ runner, env: given.env }) };
}

describe.skipIf(!hasRegistry)('building with the real daemon', () => {
  let dir: string;
  let remove: () => Promise<void>;
  const images = new Set<string>();

  beforeAll(async () => {
    await prepareDocker();
    ({ dir, remove } = await makeProject('image-building'));
  }, prepareTimeoutMs);

  afterAll(async () => {
    if (images.size > 0) await docker('rmi', '--force', ...images);
    await remove?.();
  });

  async function build(deps: ImageDeps) {
    const options = { base: undefined, platform: undefined, tag: undefined, pull: false };
    const built = await buildImage({ project: await loadProject(dir), ...options }, deps);
    images.add(built.imageId);
    return built;
  }

  test('the legacy builder and the best one that is here make the same layers, and so the same tag', async () => {
    const legacy = await build(realDeps({ DOCKER_BUILDKIT: '0' }));
    expect(legacy.builder).toBe('legacy');
    const best = await build(realDeps());
    expect(best.tag).toBe(legacy.tag);
    const layers = (id: string) => docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', id);
    expect(await layers(best.imageId)).toBe(await layers(legacy.imageId));
    expect(best.layers).toEqual(legacy.layers);
    process.stderr.write(`built with: ${legacy.builder} and ${best.builder}\n`);
  });

  test('what it ejects is built by plain docker build, and serves', async () => {
    const target = join(await tempDir(), 'ejected');
    const { exitCode, stdout } = await runCli(['build', '--eject', target, '--json'], { cwd: dir });
    expect(exitCode).toBe(0);
    expect((await readdir(target)).sort()).toEqual([
      'Dockerfile',
      'configuration.tar',
      'model.tar',
      'runtime.tar',
      'server.tar',
    ]);
    const { command } = JSON.parse(stdout) as { command: string[] };
    expect(command.slice(0, 2)).toEqual(['docker', 'build']);
    await docker(...command.slice(1));
    images.add('image-building');
    const labels = JSON.parse(
      await docker('image', 'inspect', '--format', '{{json .Config.Labels}}', 'image-building'),
    );
    expect(labels).toMatchObject((JSON.parse(stdout) as { labels: object }).labels);
    const { url } = await startContainer('image-building', hardened);
    expect(await askGolden(url, 'together')).toEqual(goldenLabels);
  });

  test('a secret in what would go in stops it before the daemon is told anything', async () => {
    const card = JSON.parse(await readFile(join(import.meta.dirname, '../../../model/flight-delay.json'), 'utf8'));
    const secret = ['AKIA', 'QWERTYUIOPASDFG2'].join('');
    const model = await readFile(join(import.meta.dirname, '../../../model/flight-delay.onnx'));
    const folder = await makeProject('image-secret', 'model: ./m.onnx\n');
    try {
      await writeFile(join(folder.dir, 'm.onnx'), model);
      await writeFile(join(folder.dir, 'm.json'), JSON.stringify({ ...card, note: `key ${secret}` }, null, 2));
      const { exitCode, stdout, stderr } = await runCli(['build', '--json'], { cwd: folder.dir });
      expect(exitCode).toBe(2);
      const { error } = JSON.parse(stdout) as { error: { code: string; why: string } };
      expect(error.code).toBe('SECRETS_FOUND');
      expect(error.why).toMatch(/^m\.json:\d+: AWS access key$/);
      expect(stdout + stderr).not.toContain(secret);
      expect(await docker('image', 'ls', '--quiet', '--filter', 'label=dev.mlops.project=image-secret')).toBe('');
    } finally {
      await folder.remove();
    }
  });

  test('pushes where a login is asked for, by stdin, without touching the docker configuration of the user', async () => {
    const registry = await startRegistry({ login: true });
    try {
      const configDir = await tempDir();
      const mine = '{\n  "auths": { "example.invalid": { "auth": "bWU6bWU=" } }\n}\n';
      await writeFile(join(configDir, 'config.json'), mine);
      const deps = realDeps({ DOCKER_CONFIG: configDir });
      const { image } = await build(deps);
      const { username, password } = registryLogin;
      const withEcr: ImageDeps = {
        ...deps,
        ecr: () => ({
          login: async () => ({ registry: registry.host, username, password }),
          createRepository: async () => true,
        }),
      };
      const options = {
        project: await loadProject(dir),
        image,
        tag: undefined,
        repository: undefined,
        createRepository: false,
      };
      const pushed = await pushImage({ ...options, registry: 'ecr' }, withEcr);
      images.add(pushed.image);
      expect(pushed).toMatchObject({ alreadyThere: false, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
      expect(pushed.image.startsWith(`${registry.host}/image-building:`)).toBe(true);

      expect(await readFile(join(configDir, 'config.json'), 'utf8')).toBe(mine);
      expect(deps.argv.join('\n')).toContain('login --username AWS --password-stdin');
      expect(deps.argv.join('\n')).not.toContain(password);
      // The same registry as any other: nobody is logged in there.
      const refused = pushImage({ ...options, registry: registry.host }, deps);
      await expect(refused).rejects.toMatchObject({ code: 'REGISTRY_LOGIN_REQUIRED', exitCode: 5 });
      // A wrong password is told apart from a missing one.
      const wrong: ImageDeps = {
        ...deps,
        ecr: () => ({
          login: async () => ({ registry: registry.host, username, password: 'stale' }),
          createRepository: async () => true,
        }),
      };
      await expect(pushImage({ ...options, registry: 'ecr' }, wrong)).rejects.toMatchObject({
        code: 'REGISTRY_LOGIN_REFUSED',
      });
    } finally {
      await registry.stop();
    }
  });

  test('a base image of another platform is noticed', async () => {
    // What the legacy builder does not look at: the base that is here is not for the platform that was asked for.
    const other = (await docker('version', '--format', '{{.Server.Arch}}')) === 'amd64' ? 'linux/arm64' : 'linux/amd64';
    const options = { base: undefined, platform: other, tag: undefined, pull: false };
    const building = buildImage({ project: await loadProject(dir), ...options }, realDeps({ DOCKER_BUILDKIT: '0' }));
    await expect(building).rejects.toMatchObject({ code: 'PLATFORM_MISMATCH', exitCode: 1 });
  });
});
