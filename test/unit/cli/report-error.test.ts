import { Errors } from '@oclif/core';
import { expect, test, vi } from 'vitest';
import { PrerequisiteError, UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { closest } from '../../../src/lib/cli/closest.js';
import { reportError, toErrorJson } from '../../../src/lib/cli/report-error.js';

function printed(error: unknown, json: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  const exitCode = reportError(error, { json });
  vi.restoreAllMocks();
  return { exitCode, out: out.join(''), err: err.join('') };
}

const mine = new PrerequisiteError('terraform was not found', {
  code: 'MISSING',
  why: 'Not on PATH.',
  actions: ['Install it'],
});

test('text goes to stderr: what, why, next', () => {
  expect(printed(mine, false)).toEqual({
    exitCode: 5,
    out: '',
    err: 'Error: terraform was not found\n  Not on PATH.\n\nNext:\n  Install it\n',
  });
});

test.each([
  ['ours', mine, 5],
  ['usage', new UsageError('m', { code: 'C' }), 2],
  ["the parser's", new Errors.CLIError('Nonexistent flag: --x\nSee more help with --help'), 2],
  ['a bug', new TypeError('x is not a function'), 70],
  ['something thrown that is no error', 'text', 70],
])('the exit code is the same in text and in JSON: %s', (_name, error, exitCode) => {
  expect(printed(error, false).exitCode).toBe(exitCode);
  const json = printed(error, true);
  expect(json.exitCode).toBe(exitCode);
  expect(Object.keys(JSON.parse(json.out).error)).toEqual(['code', 'message', 'why', 'actions', 'exitCode']);
});

test("the parser's error keeps its message and loses the hint line", () => {
  const error = new Errors.CLIError('Missing 1 required arg:\npickle  The pickle\nSee more help with --help');
  expect(toErrorJson(error)).toMatchObject({
    code: 'USAGE',
    message: 'Missing 1 required arg',
    why: 'pickle  The pickle',
  });
});

test('a bug shows its stack on stderr, never on stdout', () => {
  const { out, err } = printed(new TypeError('boom'), true);
  expect(JSON.parse(out).error.message).toBe('TypeError: boom');
  expect(err).toContain('at ');
});

test('a typing mistake finds its command, an unlike word none', () => {
  const commands = ['serve', 'load-test', 'model import', 'predict'];
  expect(closest('sevre', commands)).toBe('serve');
  expect(closest('loadtset', commands)).toBe('load-test');
  expect(closest('kubernetes', commands)).toBeUndefined();
});
