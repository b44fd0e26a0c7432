import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type ConfirmOptions, createConfirm } from '../../../src/lib/cli/confirm.js';
import { paintLines } from '../../../src/lib/cli/lines.js';
import { errorOf } from '../../support/errors.js';

function person(typed: string, rest: Partial<ConfirmOptions> = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  if (typed !== '') input.write(`${typed}\n`);
  const confirm = createConfirm({ assumeYes: false, json: false, env: {}, input, output, ...rest });
  return { confirm, input, asked: () => String(output.read() ?? '') };
}

test('only y and yes are a yes; nothing is a no', async () => {
  for (const [typed, answer] of [
    ['y', true],
    ['YES', true],
    ['n', false],
    [' ', false],
    ['yes please', false],
  ] as const) {
    const { confirm, asked } = person(typed);
    expect(await confirm.yes('Apply?'), typed).toBe(answer);
    expect(asked()).toContain('Apply? [y/N] ');
  }
});

test('a name has to be typed exactly', async () => {
  expect(await person('demo').confirm.typed('Name:', 'demo')).toBe(true);
  expect(await person('dem').confirm.typed('Name:', 'demo')).toBe(false);
  expect(await person('y').confirm.typed('Name:', 'demo')).toBe(false);
});

test('--yes answers without asking, terminal or not', async () => {
  const { confirm, asked } = person('', { assumeYes: true, json: true });
  confirm.requireAnswerable();
  expect([await confirm.yes('?'), await confirm.typed('?', 'x')]).toEqual([true, true]);
  expect(asked()).toBe('');
});

test('where nobody can answer, it is wrong usage that names the flag, before anything else', async () => {
  const notATerminal = Object.assign(new PassThrough(), { isTTY: false });
  for (const rest of [{ json: true }, { env: { CI: 'true' } }, { input: notATerminal }, { output: notATerminal }]) {
    const { confirm } = person('y', rest);
    const error = await errorOf(() => confirm.requireAnswerable());
    expect(error).toMatchObject({ code: 'CONFIRMATION_REQUIRED', exitCode: 2 });
    expect(error.actions.join()).toContain('--yes');
    expect(await errorOf(() => confirm.yes('?'))).toMatchObject({ exitCode: 2 });
  }
  person('', { env: { CI: 'false' } }).confirm.requireAnswerable();
});

test('an end of the input, Ctrl-C or SIGTERM while it waits is an interruption', async () => {
  const ended = person('');
  ended.input.end();
  expect(await errorOf(() => ended.confirm.yes('?'))).toMatchObject({ exitCode: 130 });
  const controller = new AbortController();
  const waiting = person('', { signal: controller.signal });
  const answer = errorOf(() => waiting.confirm.yes('?'));
  controller.abort('SIGTERM');
  expect(await answer).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
});

test('lines have colours only where the stream has', () => {
  const lines = [
    { tone: 'danger', text: '  - x' },
    { tone: 'plain', text: 'y' },
    { tone: 'heading', text: '' },
  ] as const;
  expect(paintLines(lines, process.stderr, { json: true })).toBe('  - x\ny\n');
});
