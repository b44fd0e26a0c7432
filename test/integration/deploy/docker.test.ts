import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeployResult } from '../../../src/lib/deploy/deploy.js';
import type { RollbackResult } from '../../../src/lib/deploy/rollback.js';
import type { StatusResult } from '../../../src/lib/deploy/status.js';
import { freePort, imageFrom, removeService } from '../../support/deploy/docker.js';
import { docker, hasDocker, prepareDocker, prepareTimeoutMs } from '../../support/docker/daemon.js';
import { mlops, startMlops } from '../../support/provision-cli.js';

const name = `mlops-test-${process.pid}`;
const images: string[] = [];
let dir: string;
let port: number;

async function run<T>(...args: string[]) {
  const { exitCode, stdout, stderr } = await mlops([...args, '--json'], { cwd: dir, env: {} });
  return { exitCode, stderr, result: JSON.parse(stdout) as T & { error?: { code: string; why: string } } };
}

const deploy = (...args: string[]) => run<DeployResult>('deploy', ...args);
const rollback = (...args: string[]) => run<RollbackResult>('rollback', ...args);
const status = async () => (await run<StatusResult>('status')).result;
const containers = async () => {
  const names = await docker('ps', '-a', '--format', '{{.Names}}', '--filter', `label=mlops.deploy.service=${name}`);
  return names.split('\n').sort();
};
const server = (script: string) => [`ENTRYPOINT ["node", "-e", ${JSON.stringify(script)}]`, 'CMD []'];

/** An image of the model with something else in it. */
function variant(tag: string, lines: readonly string[]): string {
  const image = imageFrom(`${name}:right`, `${name}:${tag}`, lines);
  images.push(image);
  return image;
}

describe.skipIf(!hasDocker)('mlops deploy --target docker', () => {
  beforeAll(async () => {
    await prepareDocker();
    dir = await mkdtemp(join(tmpdir(), 'mlops-deploy-'));
    port = await freePort();
    const settings = `target: docker, port: ${port}, resources: { cpu: 1, memory: 256Mi }`;
    await writeFile(
      join(dir, 'mlops.yaml'),
      `name: ${name}\ndeploy: { ${settings} }\nserve: { drain: { delay: 500ms } }\n`,
    );
    const built = await run<{ image: string }>('build', '--tag', 'right');
    expect(built.exitCode, built.stderr).toBe(0);
    images.push(built.result.image);
  }, prepareTimeoutMs);

  afterAll(async () => {
    await removeService(name, images);
    await rm(dir, { recursive: true, force: true });
  });

  test('the newest image is deployed, predicts what it should, and passes a load test', async () => {
    const { exitCode, result, stderr } = await deploy();
    expect(exitCode, stderr).toBe(0);
    expect(result).toMatchObject({ outcome: 'deployed', revision: 1, previous: null, gapMs: null });
    expect(result.golden).toMatchObject({ rows: 552, equal: 552 });
    const url = `http://127.0.0.1:${port}`;
    expect(result.endpoint).toBe(url);
    const load = await run('load-test', `${url}/api`, '-c', '10', '-d', '1s', '--min-requests', '100');
    expect(load).toMatchObject({ exitCode: 0, result: { verdict: 'pass' } });
  });

  test('the container is as restricted as it would be anywhere', async () => {
    const [{ HostConfig, Config }] = JSON.parse(await docker('inspect', `${name}-r1`));
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 256 * 2 ** 20,
      NanoCpus: 1e9,
      RestartPolicy: { Name: 'unless-stopped' },
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    });
    expect(Object.keys(HostConfig.Tmpfs)).toEqual(['/tmp']);
    expect(Config.User).toBe('1000:1000');
  });

  test('what is deployed already is not deployed again', async () => {
    expect((await deploy()).result).toMatchObject({ outcome: 'unchanged', revision: 1 });
  });

  test('the next one replaces it, with a gap that is measured, and leaves nothing but the old container', async () => {
    const second = variant('second', ['LABEL second=yes']);
    const { exitCode, result, stderr } = await deploy('--image', second);
    expect(exitCode, stderr).toBe(0);
    expect(result).toMatchObject({ revision: 2, previous: 1 });
    expect(result.gapMs).toBeGreaterThan(0);
    expect(await containers()).toEqual([`${name}-r1`, `${name}-r2`]);
    expect(await docker('network', 'ls', '--format', '{{.Name}}')).not.toContain(name);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', `${name}-r1`)).toBe('0');
  });

  test('one that does not start: its own words, and the old one never stopped', async () => {
    const started = await docker('inspect', '--format', '{{.State.StartedAt}}', `${name}-r2`);
    const { exitCode, result } = await deploy(
      '--image',
      variant('broken', server("console.error('no model here'); process.exit(3)")),
    );
    expect(exitCode).toBe(1);
    expect(result.error).toMatchObject({ code: 'ROLLOUT_FAILED' });
    expect(result.error?.why).toMatch(/ended with exit code 3[\s\S]*no model here[\s\S]*Revision 2 serves, as before/);
    expect(await docker('inspect', '--format', '{{.State.StartedAt}}', `${name}-r2`)).toBe(started);
    expect(await containers()).toEqual([`${name}-r1`, `${name}-r2`]);
  });

  test('one that predicts something else never gets a client', async () => {
    const wrong =
      "require('http').createServer((q, r) => { let b = ''; q.on('data', (d) => { b += d }).on('end', () => r.end(JSON.stringify({ predicciones: q.url === '/api' ? JSON.parse(b).array.map(() => 0) : [] }))) }).listen(8080)";
    const { exitCode, result } = await deploy('--image', variant('wrong', server(wrong)));
    expect(exitCode).toBe(1);
    expect(result.error).toMatchObject({ code: 'GOLDEN_MISMATCH' });
    expect((await status()).history.slice(0, 3).map(({ revision, result: how }) => [revision, how])).toEqual([
      [4, 'failed'],
      [3, 'failed'],
      [2, 'serving'],
    ]);
  });

  test('Ctrl-C in the rollout takes the candidate away and says what serves', async () => {
    const never = variant('never', server('setInterval(() => {}, 1000)'));
    const cli = startMlops(['deploy', '--image', never], { cwd: dir, env: {} });
    await cli.said('Rolling out');
    while (!(await containers()).includes(`${name}-r5-candidate`))
      await new Promise((resolve) => setTimeout(resolve, 50));
    cli.ctrlC();
    const { exitCode, stderr } = await cli.done;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/Interrupted during the rollout[\s\S]*Revision 2 serves/);
    expect(await containers()).toEqual([`${name}-r1`, `${name}-r2`]);
  });

  test('rollback goes to what served before, and to any that is kept', async () => {
    expect(await rollback()).toMatchObject({ exitCode: 0, result: { from: 2, revision: 1 } });
    expect(await status()).toMatchObject({ revision: 1, replicas: { ready: 1, wanted: 1 } });
    // Somebody prunes: the ledger is enough to make the container again.
    await docker('rm', `${name}-r2`);
    expect(await rollback('--to', '2')).toMatchObject({ exitCode: 0, result: { from: 1, revision: 2 } });
    expect((await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).length).toBeGreaterThan(0);
    expect(await rollback('--to', '9')).toMatchObject({ exitCode: 2, result: { error: { code: 'NO_SUCH_REVISION' } } });
  });

  test('a port that somebody else has is said, and the first deploy leaves nothing', async () => {
    const other = `${name}-other`;
    const there = await mkdtemp(join(tmpdir(), 'mlops-deploy-'));
    await writeFile(join(there, 'mlops.yaml'), `name: ${other}\ndeploy: { target: docker, port: ${port} }\n`);
    const { exitCode, stdout } = await mlops(['deploy', '--image', `${name}:right`, '--json'], { cwd: there, env: {} });
    await rm(there, { recursive: true });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'PORT_IN_USE',
      why: expect.stringContaining('No container is left.'),
    });
    await removeService(other, []);
  });
});
