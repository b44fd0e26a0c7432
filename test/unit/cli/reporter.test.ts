import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { inStep, type Reporter } from '../../../src/lib/base/progress/reporter.js';
import { createReporter } from '../../../src/lib/cli/reporter/create.js';

function stream(isTTY: boolean): NodeJS.WriteStream & { text(): string } {
  const chunks: string[] = [];
  const writable = new Writable({ write: (chunk, _encoding, done) => done(void chunks.push(String(chunk))) });
  const tty = {
    isTTY,
    columns: 100,
    rows: 30,
    getColorDepth: () => 1,
    hasColors: () => false,
    text: () => chunks.join(''),
  };
  return Object.assign(writable, tty) as never;
}

async function work(reporter: Reporter): Promise<void> {
  await inStep(
    reporter,
    'Loading the model',
    async (step) => {
      step.update('12 of 37');
      return 'flight-delay';
    },
    (name) => `Loaded ${name}`,
  );
  await inStep(reporter, 'Serving', () => Promise.reject(new Error('port in use'))).catch(() => {});
  reporter.warn('one thread only');
}

describe('without a terminal', () => {
  test.each([
    ['a pipe', stream(false), {}],
    ['CI on a pseudo-terminal', stream(true), { CI: 'true' }],
    ['a dumb terminal', stream(true), { TERM: 'dumb' }],
  ])('%s gets plain lines', async (_name, target, env) => {
    await work(createReporter({ stream: target, json: false, env }));
    expect(target.text()).toBe(
      '- Loading the model\n✔ Loaded flight-delay\n- Serving\n✖ Serving\nWarning: one thread only\n',
    );
  });
});

test('a terminal gets live steps, and settled() waits for the last line', async () => {
  const target = stream(true);
  const reporter = createReporter({ stream: target, json: false, env: {} });
  await work(reporter);
  await reporter.settled();
  expect(target.text()).toContain('Loaded flight-delay');
  expect(target.text()).toContain('Serving');
  expect(target.text()).toContain('\u001b');
});
