// A loader that a test kills: copies FOLDER into DATABASE with the built code, tells every step on stdout, and at the step
// STEP stops and waits for its end. After DELAY milliseconds it kills itself, wherever it is.
//   node loader.js DATABASE FOLDER [STEP] [DELAY]
import { join } from 'node:path';

const [, , database, folder, step = '', delay = ''] = process.argv;
const lib = join(import.meta.dirname, '..', '..', '..', 'dist', 'lib');
const { openWarehouse } = await import(join(lib, 'warehouse', 'open.js'));
const { fixSources } = await import(join(lib, 'warehouse', 'sources', 'fix-sources.js'));
const { silentReporter } = await import(join(lib, 'base', 'progress', 'reporter.js'));
const { setTimeout: sleep } = await import('node:timers/promises');

const unused = () => Promise.reject(new Error('not used here'));
const deps = { reporter: silentReporter, env: {}, baseDir: folder, s3: unused, sleep };
const table = { schema: undefined, name: 'transcription_results' };
const warehouse = await openWarehouse({ engine: 'duckdb', table, duckdb: { path: database }, redshift: {} }, deps);
const { lists } = await fixSources([folder], { cwd: folder, s3: unused });
if (delay !== '') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(delay));
for (const list of lists) {
  const result = await warehouse.copy(list, {
    onStep: (at) => {
      if (at === step) process.kill(process.pid, 'SIGKILL');
    },
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
