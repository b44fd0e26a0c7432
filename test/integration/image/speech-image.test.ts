import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { freePort, removeService } from '../../support/deploy/docker.js';
import { startContainer } from '../../support/docker/container.js';
import { docker, hardened, hasDocker, prepareDocker, prepareTimeoutMs } from '../../support/docker/daemon.js';
import { longReading, missedWords, reading } from '../../support/endpoint/heard.js';
import { makeProject } from '../../support/project-folder.js';
import { hasRecordings } from '../../support/requirements.js';
import { speechModel } from '../../support/speech-model.js';

interface Built {
  readonly image: string;
  readonly tag: string;
  readonly addedBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly { name: string; bytes: number }[];
}

const model = hasDocker && hasRecordings() ? await speechModel() : undefined;
/** As for predictions, but for the uploads, which need a place, and the model, which needs more memory. */
const flags = [...hardened.slice(0, -4), '--tmpfs', '/tmp:size=320m', '--memory', '768m', '--memory-swap', '768m'];

const name = 'speech-image-test';

describe.skipIf(model === undefined)('the image of a speech model', () => {
  let built: Built;
  let project: Awaited<ReturnType<typeof makeProject>>;

  beforeAll(async () => {
    await prepareDocker();
    project = await makeProject(name, 'model: moonshine-tiny\n');
    const { exitCode, stdout, stderr } = await runCli(['build', '--json'], { cwd: project.dir });
    if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
    built = JSON.parse(stdout) as Built;
  }, prepareTimeoutMs);

  afterAll(async () => {
    if (built !== undefined) await removeService(name, []);
    if (built !== undefined) await docker('rmi', '--force', built.image);
    await project?.remove();
  });

  test('has the model in a layer at its end, under its digest, and its licences', async () => {
    expect(built.layers.map(({ name }) => name)).toEqual(['base', 'runtime', 'server', 'configuration', 'model']);
    expect(built.tag).toMatch(/^0\.1\.29-[0-9a-f]{12}$/);
    expect(built.labels).toMatchObject({
      'dev.mlops.model.name': 'moonshine-tiny',
      'dev.mlops.model.digest': `sha256:${model?.digest}`,
    });
    expect(built.addedBytes).toBeLessThan(90e6);
    const read = ['run', '--rm', built.image, 'node', '-p'];
    const licence = await docker(...read, `fs.readFileSync('/app/model/LICENSE.txt', 'utf8')`);
    expect(licence).toContain('Copyright (c) 2025 Useful Sensors, Inc.');
    expect(licence).toContain('Copyright (c) 2020-present Silero Team');
    const packages = await docker(...read, `fs.readFileSync('/app/THIRD-PARTY-LICENSES.txt', 'utf8')`);
    expect(packages).toMatch(/^mpg123-decoder \d/m);
  });

  test('transcribes with a read-only root, no rights and 768 MiB, and leaves nothing behind', async () => {
    const { id, url, log } = await startContainer(built.image, flags);
    const ask = async (bytes: Uint8Array<ArrayBuffer>) => {
      const body = new FormData();
      body.append('file', new File([bytes], 'a.wav'));
      body.append('response_format', 'text');
      const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
      return [answer.status, missedWords(await answer.text())];
    };
    expect(await ask(new Uint8Array(readFileSync(reading)))).toEqual([200, expect.toSatisfy(isFew)]);
    const long = new Uint8Array(longReading(60));
    const [one, other] = await Promise.all([ask(long), ask(long)]);
    expect([one?.[0], other?.[0]]).toEqual([200, 200]);
    const peak = await docker('exec', id, 'node', '-p', peakScript);
    process.stderr.write(`peak memory of the container: ${peak} MB; the image adds ${built.addedBytes / 1e6} MB\n`);
    expect(await docker('exec', id, 'node', '-p', `fs.readdirSync('/tmp', { recursive: true }).length`)).toBe('1');
    await docker('stop', '-t', '20', id);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
    expect((await log()).map(({ msg }) => msg)).toEqual(['starting', 'ready', 'draining', 'stopped']);
  });

  test('is deployed when it has transcribed a clip', async () => {
    const flagsOfDeploy = ['--target', 'docker', '--port', String(await freePort()), '--json'];
    const deployed = await runCli(['deploy', ...flagsOfDeploy], { cwd: project.dir });
    expect(deployed.exitCode, deployed.stderr).toBe(0);
    const { outcome, golden, clip } = JSON.parse(deployed.stdout);
    expect({ outcome, golden, clip }).toEqual({
      outcome: 'deployed',
      golden: null,
      clip: { seconds: 1.2, answeredMs: expect.any(Number), text: expect.stringMatching(/[a-z]/i) },
    });
  });

  test('says what it lacks without a place for recordings, and as a worker without a queue', async () => {
    const line = async (...args: string[]) => {
      const id = await docker('run', '--detach', ...args);
      const code = await docker('wait', id);
      const { logOf } = await import('../../support/docker/container.js');
      const lines = await logOf(id);
      await docker('rm', id);
      return [code, lines.at(-1)];
    };
    expect(await line('--read-only', built.image)).toEqual([
      '5',
      expect.objectContaining({ level: 'fatal', code: 'UPLOADS_NOT_WRITABLE' }),
    ]);
    expect(await line('--read-only', '--tmpfs', '/tmp', built.image, 'node', '/app/worker.mjs')).toEqual([
      '2',
      expect.objectContaining({ level: 'fatal', code: 'INVALID_VARIABLE', msg: 'MLOPS_TRANSCRIBE_QUEUE is not set' }),
    ]);
  });
});

const isFew = (missed: number) => missed <= 1;

/** By whichever version of control groups the daemon has. */
const peakScript = `Math.round(Number(['/sys/fs/cgroup/memory.peak', '/sys/fs/cgroup/memory/memory.max_usage_in_bytes']
  .map((file) => { try { return fs.readFileSync(file, 'utf8') } catch { return '' } }).find((text) => text !== '') ?? NaN) / 1e6)`;
