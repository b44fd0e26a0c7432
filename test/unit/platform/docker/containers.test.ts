import { expect, test } from 'vitest';
import { createDocker } from '../../../../src/lib/platform/docker/docker.js';
import { scriptedRunner } from '../../../support/docker/scripted-runner.js';
import { errorOf } from '../../../support/errors.js';

const options = {
  image: 'flight:1',
  name: 'flight',
  env: { TOKEN: 'secret value' },
  labels: { 'dev.mlops.project': 'flight' },
  publish: [{ address: '127.0.0.1', hostPort: 0, containerPort: 8080 }],
  memoryBytes: 2 ** 28,
  cpus: 0.5,
  stopTimeoutS: 16,
};

test('a container runs with nothing to write to and no rights; values of its environment are not in arguments', async () => {
  const runner = scriptedRunner((args) => {
    if (args[0] === 'info') return { stdout: 'json-file\n' };
    return args[0] === 'create' ? { stdout: 'abc\n' } : {};
  });
  expect(await createDocker({ runner, env: {} }).run(options)).toBe('abc');
  const [, create, start] = runner.calls;
  expect(create?.args.join(' ')).toBe(
    'create --name flight --pull never --read-only --tmpfs /tmp:rw,noexec,nosuid,nodev,size=320m --cap-drop ALL ' +
      '--security-opt no-new-privileges --pids-limit 2048 ' +
      '--log-opt max-size=20m --log-opt max-file=5 --restart no --memory 268435456b --memory-swap 268435456b --cpus 0.5 ' +
      '--stop-timeout 16 --publish 127.0.0.1::8080 --label dev.mlops.project=flight --env TOKEN flight:1',
  );
  expect(create?.options.env).toEqual({ TOKEN: 'secret value' });
  expect(start?.args).toEqual(['start', 'abc']);
});

test('a daemon that logs in another way is asked once and left to it', async () => {
  const runner = scriptedRunner((args) => ({ stdout: args[0] === 'info' ? 'journald\n' : 'abc' }));
  const docker = createDocker({ runner, env: {} });
  await docker.create(options);
  await docker.create({ ...options, name: 'second' });
  expect(runner.calls.map(({ args }) => args[0])).toEqual(['info', 'create', 'create']);
  expect(runner.calls.flatMap(({ args }) => args)).not.toContain('--log-opt');
});

test('one that cannot start is removed by its id: its name may be that of another one', async () => {
  const stderr =
    'Error response from daemon: driver failed programming external connectivity on endpoint flight: Bind for 127.0.0.1:80 failed: port is already allocated';
  const runner = scriptedRunner((args) => {
    if (args[0] === 'create') return { stdout: 'abc' };
    return args[0] === 'start' ? { exitCode: 1, stderr } : {};
  });
  const docker = createDocker({ runner, env: {} });
  expect(await errorOf(() => docker.run(options))).toMatchObject({ code: 'PORT_IN_USE' });
  expect(runner.calls.at(-1)?.args).toEqual(['rm', '--force', 'abc']);
});

test.each([
  [
    'Error response from daemon: Conflict. The container name "/flight" is already in use by container "b27b".',
    'CONTAINER_EXISTS',
  ],
  ['Error response from daemon: No such image: flight:1', 'IMAGE_NOT_FOUND'],
  ['Error response from daemon: something else', 'DOCKER_FAILED'],
])('%s', async (stderr, code) => {
  const runner = scriptedRunner(() => ({ exitCode: 1, stderr }));
  expect(await errorOf(() => createDocker({ runner, env: {} }).run(options))).toMatchObject({ code });
  expect(runner.calls.map(({ args }) => args[0])).toEqual(['info', 'create']);
});

test('what is not there is undefined, or nothing to remove', async () => {
  const answers: Record<string, string> = {
    container: 'Error response from daemon: No such container: x',
    image: 'Error response from daemon: no such image: x: No such image: x:latest',
    rm: 'Error response from daemon: No such container: x',
  };
  const runner = scriptedRunner((args) => ({ exitCode: 1, stdout: '[]', stderr: answers[args[0] ?? ''] ?? 'no' }));
  const docker = createDocker({ runner, env: {} });
  expect(await docker.inspectContainer('x')).toBeUndefined();
  expect(await docker.inspectImage('x')).toBeUndefined();
  await docker.remove('x');
  expect(await errorOf(() => docker.start('x'))).toMatchObject({ code: 'DOCKER_FAILED' });
});
