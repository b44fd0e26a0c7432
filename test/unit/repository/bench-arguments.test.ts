import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const script = join(import.meta.dirname, '../../../scripts/bench.js');

test('arguments of the benchmark of speech that are none are a mistake of usage', () => {
  for (const args of [['abc'], ['0'], ['5', '6']]) {
    const { status, stderr } = spawnSync(process.execPath, [script, 'speech', ...args], { encoding: 'utf8' });
    expect([args, status]).toEqual([args, 2]);
    expect(stderr).toMatch(/^Usage: npm run bench -- speech \[ROUNDS\], a whole number from 1 to 999\n$/);
  }
});
