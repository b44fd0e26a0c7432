import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { type DeployRequest, deploy } from '../../../src/lib/deploy/deploy.js';
import { RolloutError } from '../../../src/lib/deploy/errors.js';
import type { LoadTestResult } from '../../../src/lib/load-test/result.js';
import { fakeTarget, release } from '../../support/deploy/fake-target.js';
import { firstValues, type ModelServer, modelServer } from '../../support/deploy/model-server.js';
import { errorOf } from '../../support/errors.js';
import { sampleResult } from '../../support/load-result.js';

const golden = { source: 'rows.jsonl', rows: [[0], [1], [1]], labels: [0, 1, 1] };

function request(overrides: Partial<DeployRequest> = {}): DeployRequest {
  return { release, dryRun: false, golden, gate: undefined, headers: [], ...overrides };
}

const gate = (result: Partial<LoadTestResult>) => async () => sampleResult(result);
const fails = (error: Error) => () => {
  throw error;
};
const boom = new OperationError('Boom', { code: 'BOOM', why: 'It broke.', actions: ['mend it'] });

type Options = Omit<Parameters<typeof fakeTarget>[0], 'url'> & { stop?: AbortSignal; server?: ModelServer };

async function run(asked: DeployRequest, options: Options = {}) {
  const { url } = options.server ?? (await modelServer(firstValues));
  const target = fakeTarget({ ...options, url });
  const stop = options.stop ?? new AbortController().signal;
  const outcome = deploy(asked, { target, reporter: silentReporter, stop, retryMs: 1 });
  return { target, outcome };
}

describe('a deploy that goes well', () => {
  test('rolls out, checks, lets clients in and notes it, in this order', async () => {
    const { target, outcome } = await run(request({ gate: gate({}) }));
    expect(await outcome).toMatchObject({
      outcome: 'deployed',
      revision: 4,
      previous: 3,
      gapMs: 12,
      golden: { rows: 3, equal: 3 },
      gate: { verdict: 'pass' },
    });
    expect(target.calls).toEqual(['preview', 'rollOut', 'reach', 'promote', 'record 4 serving']);
  });

  test('sends the headers of the target and of the command line with every request', async () => {
    const server = await modelServer(firstValues);
    const { outcome } = await run(request({ headers: [['x-key', 'k']] }), { server });
    await outcome;
    expect(server.seen).not.toHaveLength(0);
    for (const { headers } of server.seen) expect(headers).toMatchObject({ 'x-target': 'yes', 'x-key': 'k' });
  });

  test('without golden rows asks whether it is ready', async () => {
    const server = await modelServer(firstValues);
    const { outcome } = await run(request({ golden: undefined }), { server });
    expect((await outcome).golden).toBeNull();
    expect(server.seen.map(({ path }) => path)).toEqual(['/readyz']);
  });

  test.each([
    ['dry-run', { dryRun: true }, true],
    ['unchanged', {}, false],
  ] as const)('%s changes nothing', async (expected, asked, hasChanges) => {
    const { target, outcome } = await run(request(asked), { hasChanges });
    expect(await outcome).toMatchObject({ outcome: expected, revision: 3 });
    expect(target.calls).toEqual(['preview']);
    expect(target.held).toEqual(expected === 'dry-run' ? [] : ['demo:2']);
  });

  test('while somebody else changes the service it is refused, and nothing is gone back from', async () => {
    const { target, outcome } = await run(request(), { hooks: { hold: fails(boom) } });
    expect(await errorOf(() => outcome)).toMatchObject({ code: 'BOOM', why: 'It broke.' });
    expect(target.calls).toEqual([]);
  });
});

describe('what fails goes back to the revision that served', () => {
  test.each([
    ['rollout', 1, 'Boom', request(), { rollOut: fails(new RolloutError('Boom', { revision: 4, why: 'It broke.' })) }],
    ['reach', 1, 'Boom', request(), { reach: fails(boom) }],
    ['golden', 1, 'does not predict', request({ golden: { ...golden, labels: [0, 0, 1] } }), {}],
    ['gate', 3, 'did not pass', request({ gate: gate({ verdict: 'fail', reasons: ['too few'] }) }), {}],
    ['gate', 4, 'could not be measured', request({ gate: gate({ verdict: 'invalid', reasons: ['lost'] }) }), {}],
    ['promotion', 1, 'Boom', request(), { promote: fails(boom) }],
  ] as const)('%s, exit %i', async (_phase, exitCode, message, asked, hooks) => {
    const { target, outcome } = await run(asked, { hooks });
    const error = await errorOf(() => outcome);
    expect(error.exitCode).toBe(exitCode);
    expect(error.message).toContain(message);
    expect(error.why).toContain('Revision 3 serves, as before.');
    const after = target.calls.slice(target.calls.indexOf('restore 3'));
    expect(after).toEqual(['restore 3', expect.stringMatching(/^record 4 failed: /), 'record 3 serving']);
    expect(target.calls).not.toContain('record 4 serving');
  });

  test('a golden mismatch names how many are equal and the first rows', async () => {
    const { outcome } = await run(request({ golden: { ...golden, labels: [0, 0, 1] } }));
    expect((await errorOf(() => outcome)).why).toContain(
      '2 of 3 golden predictions are equal (rows.jsonl). row 2: local 0, deployed 1',
    );
  });

  test('a rollout that the target had not counted is not noted', async () => {
    const { target, outcome } = await run(request(), { hooks: { rollOut: fails(boom) } });
    await errorOf(() => outcome);
    expect(target.calls.filter((call) => call.startsWith('record'))).toEqual(['record 3 serving']);
  });

  test('a bug stays a bug, and is gone back from too', async () => {
    const { target, outcome } = await run(request(), { hooks: { promote: fails(new TypeError('oops')) } });
    await expect(outcome).rejects.toThrow(TypeError);
    expect(target.calls).toContain('restore 3');
  });
});

test('when going back fails too, both errors are told', async () => {
  const hooks = { promote: fails(boom), restore: fails(new OperationError('Worse', { code: 'W', why: 'No way.' })) };
  const { outcome } = await run(request(), { hooks });
  const error = await errorOf(() => outcome);
  expect(error).toMatchObject({ code: 'RESTORE_FAILED', exitCode: 1 });
  expect(error.why).toContain('Boom. It broke.');
  expect(error.why).toContain('Worse. No way.');
  expect(error.actions).toEqual(expect.arrayContaining(['mlops status', 'mlops rollback --to 3', 'mend it']));
});

test('the first deploy of all has nothing to go back to, and says what is left', async () => {
  const { target, outcome } = await run(request(), { serving: undefined, hooks: { promote: fails(boom) } });
  const error = await errorOf(() => outcome);
  expect(error).toMatchObject({ code: 'BOOM', exitCode: 1 });
  expect(error.why).toContain('There is no earlier revision to go back to.\nSomething is left.');
  expect(error.actions).toContain('do something');
  expect(target.calls.slice(-2)).toEqual(['record 4 failed: Boom. It broke.', 'leave failed']);
});

test('a history that cannot be written does not take back what serves', async () => {
  const { target, outcome } = await run(request(), { hooks: { record: fails(boom) } });
  expect(await errorOf(() => outcome)).toMatchObject({ code: 'HISTORY_NOT_WRITTEN', exitCode: 1 });
  expect(target.calls).not.toContain('restore 3');
});

describe('Ctrl-C', () => {
  test.each([
    ['rollOut', 'during the rollout'],
    ['reach', 'during the golden predictions'],
    ['gate', 'during the gate'],
  ] as const)('in %s leaves things as they are and says what is left', async (phase, words) => {
    const controller = new AbortController();
    const press = () => controller.abort('SIGINT');
    const asked = request({
      gate: async () => {
        if (phase === 'gate') press();
        return sampleResult({ verdict: phase === 'gate' ? 'interrupted' : 'pass' });
      },
    });
    const hooks = phase === 'gate' ? {} : { [phase]: press };
    const { target, outcome } = await run(asked, { stop: controller.signal, hooks });
    const error = await errorOf(() => outcome);
    expect(error).toMatchObject({ exitCode: 130, message: `Interrupted ${words}`, why: 'Something is left.' });
    expect(error.actions).toEqual(['do something']);
    expect(target.calls.slice(-2)).toEqual([`record 4 failed: interrupted ${words}`, 'leave interrupted']);
    expect(target.calls.some((call) => /^(promote|restore)/.test(call))).toBe(false);
  });

  test('before anything is changed says just that', async () => {
    const controller = new AbortController();
    const hooks = { preview: () => controller.abort('SIGINT') };
    const { target, outcome } = await run(request(), { stop: controller.signal, hooks });
    const error = await errorOf(() => outcome);
    expect(error).toMatchObject({ exitCode: 130, message: 'Interrupted before anything was changed' });
    expect(target.calls).toEqual(['preview']);
  });

  test('while clients are let in lets that finish, and says that it did', async () => {
    const controller = new AbortController();
    const hooks = { promote: () => controller.abort('SIGINT') };
    const { target, outcome } = await run(request(), { stop: controller.signal, hooks });
    const error = await errorOf(() => outcome);
    expect(error).toMatchObject({ exitCode: 130, why: 'Revision 4 serves: the deploy was complete.' });
    expect(target.calls.at(-1)).toBe('record 4 serving');
  });

  test('while going back tells what went wrong before', async () => {
    const controller = new AbortController();
    const restore = () => {
      controller.abort('SIGINT');
      throw new DOMException('aborted', 'AbortError');
    };
    const { outcome } = await run(request(), { stop: controller.signal, hooks: { promote: fails(boom), restore } });
    const error = await errorOf(() => outcome);
    expect(error).toMatchObject({ exitCode: 130, message: 'Interrupted while going back' });
    expect(error.why).toBe('Something is left.\nBoom. It broke.');
  });
});
