import { expect, test } from 'vitest';
import { hasFailures } from '../../../src/lib/lambda/invoke.js';

const recording = (status: 'stored' | 'done' | 'failed' | 'ignored') => ({ source: 's3://a/b', status, result: '' });
const failure = { source: 's3://a/b', code: 'BAD_RECORD', message: 'It is no JSON.' };
const loaded = { loads: [], refused: [], refusedBefore: 0, failed: [], isMoreLeft: false };

test.each([
  [false, { recordings: [recording('stored'), recording('done'), recording('ignored')] }],
  [true, { recordings: [recording('stored'), recording('failed')] }],
  [false, { batchItemFailures: [] }],
  [true, { batchItemFailures: [{ itemIdentifier: '1' }] }],
  [false, { ...loaded, refusedBefore: 1 }],
  [true, { ...loaded, refused: [failure] }],
  [true, { ...loaded, failed: [failure] }],
  [false, null],
])('the exit code is that of a failure: %s for %j', (expected, response) => {
  expect(hasFailures(response)).toBe(expected);
});
