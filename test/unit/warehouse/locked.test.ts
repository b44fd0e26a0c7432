import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { errorOf } from '../../support/errors.js';
import { testWarehouse } from '../../support/warehouse/open.js';

const holderCode = `
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(process.argv[1]);
  process.stdin.on('end', () => { instance.closeSync(); process.exit(0); }).resume();
  console.log('open');`;

/** Another process that has the file open until it is told to let go. */
async function hold(path: string) {
  const cwd = join(import.meta.dirname, '..', '..', '..');
  const child = spawn(process.execPath, ['--input-type=module', '-e', holderCode, path], { cwd });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  const letGo = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { pid: child.pid, letGo };
}

it('waits for another process, says for whom, and gives up with its number', async () => {
  const notes: string[] = [];
  const waits: number[] = [];
  let letGo: (() => Promise<void>) | undefined;
  const { path, warehouse } = await testWarehouse({
    deps: {
      reporter: { ...silentReporter, note: (text) => notes.push(text) },
      sleep: async (ms) => {
        waits.push(ms);
        if (waits.length === 3) await letGo?.();
      },
    },
  });
  const holder = await hold(path);
  const error = await errorOf(() => warehouse.init());
  expect(error).toMatchObject({ code: 'WAREHOUSE_LOCKED', exitCode: 5 });
  expect(error.why).toContain(`process ${holder.pid} has had the file for 30 s`);
  expect(waits.reduce((sum, ms) => sum + ms)).toBeGreaterThanOrEqual(30_000);

  waits.length = 0;
  notes.length = 0;
  letGo = holder.letGo;
  expect((await warehouse.init()).created).toHaveLength(2);
  expect(waits).toEqual([50, 100, 200]);
  expect(notes).toEqual([`Waiting for process ${holder.pid}, which has ${path}`]);
});
