import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { describeError, hasCode } from '../../../src/lib/base/errors/describe.js';
import {
  InterruptedError,
  OperationError,
  PrerequisiteError,
  UsageError,
} from '../../../src/lib/base/errors/mlops-error.js';

test('each class has its exit code', () => {
  const details = { code: 'X' };
  const errors = [new OperationError('m', details), new UsageError('m', details), new PrerequisiteError('m', details)];
  expect([...errors, new InterruptedError()].map(({ exitCode }) => exitCode)).toEqual([1, 2, 5, 130]);
});

test('JSON has exactly the members of the contract', () => {
  const error = new UsageError('what', { code: 'CODE', actions: ['next'], cause: new Error('inner') });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: 'CODE',
    message: 'what',
    why: null,
    actions: ['next'],
    exitCode: 2,
  });
});

test('a system error is told in words, with its code and address', async () => {
  const error = await new Promise<Error>((resolve) => connect(1, '127.0.0.1').once('error', resolve));
  expect(describeError(error)).toBe('connection refused [ECONNREFUSED] (127.0.0.1:1)');
  expect(hasCode(error, 'ECONNREFUSED')).toBe(true);
});

test('an AggregateError is told by its parts, each once', () => {
  expect(describeError(new AggregateError([new Error('a'), new Error('b'), new Error('a')]))).toBe('a; b');
});
