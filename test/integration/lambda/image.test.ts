import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { speechModelOf } from '../../../src/lib/image/context/image-model.js';
import { lambdaPlan } from '../../../src/lib/image/context/lambda-plan.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { runCli } from '../../support/cli.js';
import { docker, hasDocker, prepareDocker, prepareTimeoutMs } from '../../support/docker/daemon.js';
import { unpackImage } from '../../support/docker/unpack-image.js';
import { missedWords, reading } from '../../support/endpoint/heard.js';
import type { PipelineCloud } from '../../support/lambda/cloud.js';
import { type RuntimeApiServer, startRuntimeApi } from '../../support/lambda/runtime-api-server.js';
import { pipelineModel, pipelineServices } from '../../support/lambda/services.js';
import { makeProject } from '../../support/project-folder.js';

/** One run of each function, both of the same image, with what Lambda gives them. */
async function doOneRecording(
  cloud: PipelineCloud,
  api: RuntimeApiServer,
  run: (command: string, logOf: (line: string) => void) => void,
): Promise<string[]> {
  await cloud.upload('recordings/reading.wav', reading);
  const lines: string[] = [];
  run('transcribe', (line) => lines.push(line));
  const event = await cloud.event();
  expect(await api.run(event)).toMatchObject({ kind: 'response', body: { batchItemFailures: [] } });
  // Warm, and doubled.
  expect(await api.run(event)).toMatchObject({ kind: 'response', body: { batchItemFailures: [] } });
  expect(await api.run({})).toMatchObject({ kind: 'error', errorType: 'EVENT_UNREADABLE' });
  const [key = '', ...more] = await cloud.keys('processed/');
  expect(more).toEqual([]);
  expect(missedWords(JSON.parse((await cloud.text(key)) ?? '{}').text)).toBeLessThanOrEqual(1);
  return lines;
}

describe.skipIf(pipelineModel === undefined || process.platform !== 'linux')('the image of the functions', () => {
  const services = pipelineServices();
  const variables = (api: RuntimeApiServer) => ({
    ...services.env('redshift'),
    AWS_LAMBDA_RUNTIME_API: api.address,
  });

  describe('its files, with nothing of this package and nothing in node_modules but ONNX Runtime', () => {
    const unpack = () => {
      const of = speechModelOf(pipelineModel as SpeechModel, packagedFiles.licences);
      return unpackImage(of, 'name: calls', lambdaPlan);
    };
    function start(app: string, command: string, env: Record<string, string>, onLine: (line: string) => void) {
      const child = spawn(process.execPath, [join(app, 'lambda.mjs'), command], {
        cwd: '/',
        env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      createInterface({ input: child.stdout }).on('line', onLine);
      return { child, ended: new Promise<number | null>((resolve) => child.once('close', resolve)) };
    }

    test('transcribe, load and stop', async () => {
      const cloud = await services.cloud('calls-files');
      const api = await startRuntimeApi();
      const app = await unpack();
      const started: ReturnType<typeof start>[] = [];
      const lines = await doOneRecording(cloud, api, (command, onLine) => {
        started.push(start(app, command, variables(api), onLine));
      });
      const metrics = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line);
      expect(metrics.map(({ Project, RecordingsDone }) => [Project, RecordingsDone])).toEqual([
        ['calls', 1],
        ['calls', 0],
        ['calls', 0],
      ]);
      started[0]?.child.kill('SIGTERM');
      expect(await started[0]?.ended).toBe(0);

      const other = await startRuntimeApi();
      const load = start(app, 'load', variables(other), () => {});
      expect(await other.run({})).toMatchObject({ body: { loads: [{ status: 'loaded', counts: { inserted: 1 } }] } });
      expect(await other.run({})).toMatchObject({ body: { loads: [] } });
      load.child.kill('SIGTERM');
      expect(await load.ended).toBe(0);
    });

    test('say in the init phase what is wrong, and outside of Lambda that they are a function', async () => {
      const app = await unpack();
      const api = await startRuntimeApi();
      const env = { AWS_LAMBDA_RUNTIME_API: api.address };
      const unset = start(app, 'load', env, () => {});
      expect(await api.initError).toMatchObject({ errorType: 'INVALID_VARIABLE' });
      expect(await unset.ended).toBe(2);
      const again = await startRuntimeApi();
      const unknown = start(app, 'other', { AWS_LAMBDA_RUNTIME_API: again.address }, () => {});
      expect(await again.initError).toMatchObject({ errorType: 'Runtime.NoSuchHandler' });
      expect(await unknown.ended).toBe(2);
      const lines: string[] = [];
      expect(await start(app, 'load', {}, (line) => lines.push(line)).ended).toBe(2);
      expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ code: 'NOT_IN_LAMBDA' });
    });
  });

  describe.skipIf(!hasDocker)('in Docker, as Lambda runs it', () => {
    let image = '';
    let project: Awaited<ReturnType<typeof makeProject>>;
    beforeAll(async () => {
      await prepareDocker();
      project = await makeProject('lambda-image-test', '');
      const { exitCode, stdout, stderr } = await runCli(['build', '--lambda', '--json'], { cwd: project.dir });
      if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
      const built = JSON.parse(stdout) as { image: string; addedBytes: number; labels: Record<string, string> };
      expect(built.labels).toMatchObject({ 'dev.mlops.functions': 'lambda-image-test' });
      expect(built.labels).not.toHaveProperty('dev.mlops.project');
      process.stderr.write(`the image of the functions adds ${built.addedBytes / 1e6} MB\n`);
      image = built.image;
    }, prepareTimeoutMs);
    afterAll(async () => {
      if (image !== '') await docker('rmi', '--force', image);
      await project?.remove();
    });

    test('does a recording with a read-only root, /tmp, no rights and 1 GiB', async () => {
      expect(image).toMatch(/^lambda-image-test-functions:/);
      const cloud = await services.cloud('calls-image');
      const api = await startRuntimeApi();
      const env = Object.entries(variables(api)).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
      const flags = ['--read-only', '--tmpfs', '/tmp:size=64m', '--cap-drop', 'ALL', '--network', 'host'];
      const memory = ['--memory', '1g', '--memory-swap', '1g'];
      const ids: string[] = [];
      const stops: Promise<unknown>[] = [];
      onTestFinished(async () => {
        for (const id of ids) await docker('rm', '--force', id);
      });
      await doOneRecording(cloud, api, (command) => {
        const run = docker('run', '--detach', ...flags, ...memory, ...env, image, command);
        stops.push(run.then((id) => ids.push(id)));
      });
      await Promise.all(stops);
      const [id = ''] = ids;
      expect(await docker('exec', id, 'id', '-u')).toBe('1000');
      expect(await docker('exec', id, 'node', '-p', `fs.readdirSync('/tmp').length`)).toBe('0');
      await docker('stop', '-t', '10', id);
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
    });
  });
});
