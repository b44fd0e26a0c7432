import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { logOf, startContainer } from '../../support/docker/container.js';
import { docker, hardened, hasRegistry, prepareDocker, prepareTimeoutMs } from '../../support/docker/daemon.js';
import { askGolden, goldenLabels } from '../../support/docker/golden.js';
import { type Registry, startRegistry } from '../../support/docker/registry.js';
import { makeProject } from '../../support/project-folder.js';

interface Built {
  readonly image: string;
  readonly tag: string;
  readonly imageId: string;
  readonly addedBytes: number;
  readonly layers: readonly { name: string; bytes: number }[];
  readonly pushed: { image: string; digest: string; reference: string };
}

describe.skipIf(!hasRegistry)('the serving image', () => {
  let registry: Registry;
  let built: Built;
  let project: Awaited<ReturnType<typeof makeProject>>;

  beforeAll(async () => {
    await prepareDocker();
    registry = await startRegistry();
    project = await makeProject('image-test', `image: { registry: '${registry.host}' }\n`);
    const { exitCode, stdout, stderr } = await runCli(['build', '--push', '--json'], { cwd: project.dir });
    if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
    built = JSON.parse(stdout) as Built;
  }, prepareTimeoutMs);

  afterAll(async () => {
    await registry?.stop();
    if (built !== undefined) await docker('rmi', '--force', built.image, built.pushed.image);
    await project?.remove();
  });

  test('is pushed under the digest that the registry has', async () => {
    const { image, tag, pushed } = built;
    expect(image).toBe(`image-test:${tag}`);
    expect(tag).toMatch(/^1-[0-9a-f]{12}$/);
    expect(pushed.image).toBe(`${registry.host}/image-test:${tag}`);
    expect(pushed.reference).toBe(`${registry.host}/image-test@${pushed.digest}`);
    const response = await fetch(`http://${registry.host}/v2/image-test/manifests/${tag}`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    });
    expect(response.headers.get('docker-content-digest')).toBe(pushed.digest);
  });

  test('adds at most 90 MB to its base, the model in a layer of its own at the end', () => {
    expect(built.layers.map(({ name }) => name)).toEqual(['base', 'runtime', 'server', 'configuration', 'model']);
    expect(built.addedBytes).toBeLessThan(90e6);
    expect(built.addedBytes).toBe(built.layers.slice(1).reduce((sum, { bytes }) => sum + bytes, 0));
    expect(built.layers.at(-1)?.bytes).toBeLessThan(10_000);
  });

  test('pulled, and with nothing to write to, no rights and 256 MiB, predicts all 552 inputs right', async () => {
    const { id, url, log } = await startContainer(built.pushed.reference, hardened);
    expect(await askGolden(url, 'one by one')).toEqual(goldenLabels);
    expect(await askGolden(url, 'together')).toEqual(goldenLabels);
    expect(await docker('exec', id, 'id', '-u')).toBe('1000');
    expect(await docker('exec', id, 'node', '/app/health-check.mjs')).toBe('http://127.0.0.1:8080/readyz answers 200');

    const begin = performance.now();
    await docker('stop', '-t', '10', id);
    const tookMs = Math.round(performance.now() - begin);
    const [exitCode, finishedAt] = (
      await docker('inspect', '--format', '{{.State.ExitCode}} {{.State.FinishedAt}}', id)
    ).split(' ');
    // 137 is what a container gets that had to be killed.
    expect(exitCode).toBe('0');
    const lines = await log();
    expect(lines.map(({ msg }) => msg)).toEqual(['starting', 'ready', 'draining', 'stopped']);
    const ownMs = Date.parse(finishedAt ?? '') - Date.parse(String(lines[2]?.time));
    process.stderr.write(
      `stopped ${ownMs} ms after SIGTERM, drain delay 1000 ms included; docker stop: ${tookMs} ms\n`,
    );
  });

  test('listens where PORT says, with as many workers as MLOPS_WORKERS says', async () => {
    const env = ['--env', 'PORT=9191', '--env', 'MLOPS_WORKERS=2', '--env', 'MLOPS_DRAIN_DELAY=0s'];
    const { id, url, log } = await startContainer(built.image, [...hardened, ...env], 9191);
    expect(await askGolden(url, 'together')).toEqual(goldenLabels);
    const workers = async () => (await log()).filter(({ msg }) => msg === 'worker ready');
    await expect.poll(workers, { timeout: 10_000 }).toHaveLength(2);
    const [first] = await workers();
    expect(await docker('exec', id, 'node', '/app/health-check.mjs')).toContain(':9191/readyz answers 200');

    await docker('exec', id, 'node', '-e', `process.kill(${first?.workerPid}, 'SIGKILL')`);
    await expect.poll(workers, { timeout: 10_000 }).toHaveLength(3);
    expect(await askGolden(url, 'one by one')).toEqual(goldenLabels);
    await docker('stop', '-t', '10', id);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
  });

  test('has its metrics on 9090, where the port of the service has none, unless that is taken from it', async () => {
    const ask = async (id: string, ...ports: number[]) => {
      const script = `Promise.all(${JSON.stringify(ports)}.map((port) => fetch('http://127.0.0.1:' + port + '/metrics')
        .then((answer) => answer.status, () => 'closed'))).then((all) => console.log(all.join()))`;
      return await docker('exec', id, 'node', '-e', script);
    };
    const exposed = await docker('inspect', '--format', '{{json .Config.ExposedPorts}}', built.image);
    expect(JSON.parse(exposed)).toEqual({ '8080/tcp': {}, '9090/tcp': {} });
    const { id, url } = await startContainer(built.image, hardened);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect(await ask(id, 8080, 9090)).toBe('404,200');
    const moved = await startContainer(built.image, [...hardened, '--env', 'MLOPS_METRICS_PORT=9100']);
    expect(await ask(moved.id, 8080, 9090, 9100)).toBe('404,closed,200');
    const shared = await startContainer(built.image, [...hardened, '--env', 'MLOPS_METRICS_PORT=']);
    expect(await ask(shared.id, 8080, 9090)).toBe('200,closed');
  });

  test('becomes healthy by its own health check', async () => {
    const { id } = await startContainer(built.image, [...hardened, '--health-interval', '200ms']);
    const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', id);
    await expect.poll(health, { timeout: 20_000, interval: 200 }).toBe('healthy');
  });

  test('refuses another model than its own, in one line of its log', async () => {
    const other = join(project.dir, 'other.onnx');
    await writeFile(other, 'no model');
    const mount = ['--volume', `${other}:/app/model/flight-delay.onnx:ro`];
    const id = await docker('run', '--detach', ...hardened, ...mount, built.image);
    try {
      expect(await docker('wait', id)).toBe('2');
      expect(await logOf(id)).toMatchObject([{ level: 'fatal', code: 'NOT_ONNX', actions: expect.any(Array) }]);
    } finally {
      await docker('rm', '--force', id);
    }
  });

  test('is not killed for its memory under load', async () => {
    const { id, url } = await startContainer(built.image, hardened);
    const end = performance.now() + 3_000;
    const body = JSON.stringify({ array: Array.from({ length: 37 }, () => 0) });
    const headers = { 'content-type': 'application/json' };
    let answered = 0;
    const client = async () => {
      while (performance.now() < end) {
        const response = await fetch(`${url}/api`, { method: 'POST', headers, body });
        await response.arrayBuffer();
        if (response.status === 200) answered++;
      }
    };
    await Promise.all(Array.from({ length: 100 }, client));
    await sleep(100);
    const state = await docker('inspect', '--format', '{{.State.Running}} {{.State.OOMKilled}}', id);
    expect(state).toBe('true false');
    expect(answered).toBeGreaterThan(100);
  });
});
