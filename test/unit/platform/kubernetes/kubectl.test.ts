import { expect, test } from 'vitest';
import { Kubectl, requireKubectl } from '../../../../src/lib/platform/kubernetes/kubectl.js';
import type { ProcessRunner, RunOptions, RunResult } from '../../../../src/lib/platform/process/runner.js';
import { errorOf } from '../../../support/errors.js';

const lost: RunResult = { exitCode: 1, stdout: '', stderr: 'Unable to connect to the server: EOF' };
const fine: RunResult = { exitCode: 0, stdout: '{"items": []}', stderr: '' };

function answering(...results: readonly RunResult[]) {
  const calls: { args: readonly string[]; options: RunOptions | undefined }[] = [];
  const said: string[] = [];
  const runner: ProcessRunner = {
    async run(_program, args, options) {
      calls.push({ args, options });
      return results[calls.length - 1] ?? fine;
    },
    start: () => Promise.reject(new Error('nothing goes on')),
  };
  const access = {
    place: 'the cluster',
    wayIn: ['this way'],
    credentials: async () => ({ args: ['--context', 'mine'], env: { KUBECONFIG: '/private' } }),
    close: async () => {},
  };
  const kubectl = new Kubectl({
    runner,
    access,
    namespace: 'prod',
    sleep: async () => {},
    onRetry: (why) => void said.push(why),
  });
  return { kubectl, runner, calls, said };
}

test('every call names its cluster and namespace, has a limit, and can ask nobody', async () => {
  const { kubectl, calls } = answering();
  await kubectl.get('Looking', ['pods']);
  expect(calls[0]?.args).toEqual([
    'get',
    'pods',
    '-o',
    'json',
    '--context',
    'mine',
    '--namespace',
    'prod',
    '--request-timeout=20s',
  ]);
  expect(calls[0]?.options?.env).toMatchObject({ KUBECONFIG: '/private' });
  expect(calls[0]?.options?.input).toBeUndefined();
});

test('a connection that fails is tried again where that is safe, and only there', async () => {
  const { kubectl, calls, said } = answering(lost, lost, fine);
  expect(await kubectl.get('Looking', ['pods'])).toEqual({ items: [] });
  expect(calls).toHaveLength(3);
  expect(said[0]).toBe('The connection to the cluster failed, trying again (1 of 3)');
  const once = answering(lost);
  const error = await errorOf(() => once.kubectl.text('Creating', ['create']));
  expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', exitCode: 5, actions: ['this way'] });
  expect(once.calls).toHaveLength(1);
});

test('what the server refuses is not tried again', async () => {
  const { kubectl, calls } = answering({ exitCode: 1, stdout: '', stderr: 'Error from server (Forbidden): no' });
  expect(await errorOf(() => kubectl.get('Looking', ['pods']))).toMatchObject({ code: 'FORBIDDEN' });
  expect(calls).toHaveLength(1);
});

test('kubectl that Ctrl-C ended is an interrupt, not a refusal', async () => {
  const { kubectl } = answering({ exitCode: undefined, stdout: '', stderr: '' });
  expect(await errorOf(() => kubectl.text('Applying', ['apply']))).toMatchObject({
    code: 'INTERRUPTED',
    exitCode: 130,
  });
});

test('an old kubectl is refused, with the oldest that works', async () => {
  const client = (version: string) =>
    answering({ exitCode: 0, stdout: `{"clientVersion": {"gitVersion": "${version}"}}`, stderr: '' });
  const error = await errorOf(() => requireKubectl(client('v1.20.2').runner));
  expect(error).toMatchObject({ code: 'KUBECTL_TOO_OLD', exitCode: 5 });
  await requireKubectl(client('v1.32.4-dispatcher').runner);
});
