import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApplyProgress } from '../../../src/lib/infrastructure/progress.js';
import { parseEvent } from '../../../src/lib/infrastructure/terraform/events.js';

/** Recorded from terraform 1.11.4 with its built-in provider. */
function recorded(name: string): string[] {
  const file = join(import.meta.dirname, '../../fixtures/terraform/events', `${name}.jsonl`);
  return readFileSync(file, 'utf8').trim().split('\n');
}

function follow(lines: readonly string[], now: () => number) {
  const progress = new ApplyProgress(now);
  const texts = lines.map((line) => {
    progress.see(parseEvent(line));
    return progress.text();
  });
  return { progress, texts };
}

test('an apply is followed to its end: how many of how many, and what is under way', () => {
  let now = 0;
  const { progress, texts } = follow(recorded('apply'), () => {
    now += 1000;
    return now;
  });
  expect(progress.count).toBe('4 of 4');
  expect(progress.applied).toEqual({ created: 4, changed: 0, destroyed: 0 });
  expect(
    texts.some((text) => /^2 of 4 · creating terraform_data\.slow\[0\] \(\d+ s\), creating terraform_data/.test(text)),
  ).toBe(true);
  expect(progress.text()).toBe('4 of 4');
});

test('a replacement counts as two changes; what an interrupt left unfinished is named', () => {
  const { progress } = follow(recorded('interrupted'), () => 0);
  expect(progress.count).toBe('3 of 5');
  expect(progress.applied).toEqual({ created: 0, changed: 1, destroyed: 2 });
  expect(progress.failed).toEqual(['terraform_data.slow[0]', 'terraform_data.slow[1]']);
});

test('only the three that run longest are named', () => {
  const progress = new ApplyProgress(() => 0);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    progress.see({ type: 'planned_change', address: name, action: 'create' });
    progress.see({ type: 'apply_start', address: name, action: 'create' });
  }
  expect(progress.text()).toBe('0 of 5 · creating a (0 ms), creating b (0 ms), creating c (0 ms) and 2 more');
});

test('diagnostics keep the place, and never the snippet', () => {
  const events = recorded('interrupted').map(parseEvent);
  const diagnostics = events.flatMap((event) => (event.type === 'diagnostic' ? [event.diagnostic] : []));
  expect(diagnostics[0]).toEqual({
    severity: 'error',
    summary: 'local-exec provisioner error',
    detail: "Error running command 'sleep 12': signal: killed. Output: ",
    address: 'terraform_data.slow[0]',
    file: 'main.tf',
    line: 26,
  });
});

test('a line that is no event is kept as a message', () => {
  expect(parseEvent('panic: runtime error')).toEqual({ type: 'other', message: 'panic: runtime error' });
  expect(parseEvent('{"@message":"Terraform 1.11.4","type":"version"}')).toEqual({
    type: 'other',
    message: 'Terraform 1.11.4',
  });
});
