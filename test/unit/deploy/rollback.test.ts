import { expect, test } from 'vitest';
import { OperationError, UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { rollback } from '../../../src/lib/deploy/rollback.js';
import { fakeTarget } from '../../support/deploy/fake-target.js';
import { errorOf } from '../../support/errors.js';

function run(
  to: number | undefined,
  options: Omit<Parameters<typeof fakeTarget>[0], 'url'> & { stop?: AbortSignal } = {},
) {
  const target = fakeTarget({ ...options, url: 'http://127.0.0.1:1' });
  const stop = options.stop ?? new AbortController().signal;
  return { target, outcome: rollback(to, { target, reporter: silentReporter, stop }) };
}

const boom = new OperationError('Boom', { code: 'BOOM', why: 'It broke.' });

test('the earlier revision serves, the one before is noted as rolled back', async () => {
  const { target, outcome } = run(undefined);
  expect(await outcome).toMatchObject({ from: 3, revision: 2 });
  expect(target.calls).toEqual([
    'restore undefined',
    'record 3 rolled-back: rolled back to revision 2',
    'record 2 serving',
  ]);
});

test('with nothing serving, what comes up is noted alone', async () => {
  const { target, outcome } = run(2, { serving: undefined });
  expect(await outcome).toMatchObject({ from: null, revision: 2 });
  expect(target.calls).toEqual(['restore 2', 'record 2 serving']);
});

test('to what serves already is refused', async () => {
  const { target, outcome } = run(3);
  expect(await errorOf(() => outcome)).toMatchObject({ code: 'ALREADY_SERVING', exitCode: 2 });
  expect(target.calls).toEqual([]);
});

test('to what serves beside a rollout that was cut off takes that one away', async () => {
  const { target, outcome } = run(3, { unfinished: 4 });
  expect(await outcome).toMatchObject({ from: 3, revision: 3 });
  expect(target.calls).toEqual(['restore 3', 'record 3 serving']);
});

test('to what served and has ended starts it again', async () => {
  const { target, outcome } = run(3, { ready: 0 });
  expect(await outcome).toMatchObject({ from: 3, revision: 3 });
  expect(target.calls).toEqual(['restore 3', 'record 3 serving']);
});

test('while somebody else changes the service nothing is asked of it', async () => {
  const hold = () => {
    throw boom;
  };
  const { target, outcome } = run(2, { hooks: { hold } });
  expect(await errorOf(() => outcome)).toMatchObject({ code: 'BOOM' });
  expect(target.held).toEqual(['rollback']);
  expect(target.calls).toEqual([]);
});

test('a revision that there is not changes nothing', async () => {
  const restore = () => {
    throw new UsageError('There is no revision 9', { code: 'NO_SUCH_REVISION' });
  };
  const { target, outcome } = run(9, { hooks: { restore } });
  expect(await errorOf(() => outcome)).toMatchObject({ code: 'NO_SUCH_REVISION' });
  expect(target.calls).toEqual(['restore 9']);
});

test('one that does not come up brings back what served', async () => {
  let called = 0;
  const restore = () => {
    called += 1;
    if (called === 1) throw boom;
  };
  const { target, outcome } = run(2, { hooks: { restore } });
  const error = await errorOf(() => outcome);
  expect(error).toMatchObject({ code: 'BOOM', exitCode: 1, why: 'Boom\nIt broke.\nRevision 3 serves, as before.' });
  expect(target.calls).toEqual(['restore 2', 'restore 3']);
});

test('when that fails too, both are told', async () => {
  const restore = () => {
    throw boom;
  };
  const error = await errorOf(() => run(2, { hooks: { restore } }).outcome);
  expect(error).toMatchObject({ code: 'RESTORE_FAILED', why: 'Boom\nIt broke.\nThen: Boom' });
});

test('Ctrl-C says what is left', async () => {
  const controller = new AbortController();
  const restore = () => {
    controller.abort('SIGINT');
    throw new DOMException('aborted', 'AbortError');
  };
  const error = await errorOf(() => run(2, { hooks: { restore }, stop: controller.signal }).outcome);
  expect(error).toMatchObject({ exitCode: 130, why: 'Something is left.' });
});
