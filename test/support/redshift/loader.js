// A loader that a test kills: copies the objects of PREFIX into Redshift with the built code, as AWS_ENDPOINT_URL_* say, and
// prints the result. At the step STEP it kills itself; after DELAY milliseconds too, wherever it is.
//   node loader.js s3://BUCKET/PREFIX/ [STEP] [DELAY]
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , prefix, step = '', delay = ''] = process.argv;
const lib = join(import.meta.dirname, '..', '..', '..', 'dist', 'lib');
const { openWarehouse } = await import(join(lib, 'warehouse', 'open.js'));
const { fixSources } = await import(join(lib, 'warehouse', 'sources', 'fix-sources.js'));
const { silentReporter } = await import(join(lib, 'base', 'progress', 'reporter.js'));
const { createS3Objects } = await import(join(lib, 'platform', 'aws', 's3-objects.js'));

const s3 = async () => createS3Objects({ region: 'us-east-1' });
const redshift = { workgroup: 'flights', database: 'dev', region: 'us-east-1', staging: 's3://recordings/loads/' };
const table = { schema: undefined, name: 'transcription_results' };
const wait = (ms, signal) => sleep(ms / 10, undefined, { signal });
const deps = {
  reporter: silentReporter,
  env: {},
  baseDir: '/',
  s3,
  sleep: wait,
  configuredRegion: async () => 'us-east-1',
};
const warehouse = await openWarehouse({ engine: 'redshift', table, duckdb: { path: '' }, redshift }, deps);
const { lists } = await fixSources([prefix], { cwd: '/', s3 });
if (delay !== '') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(delay));
for (const list of lists) {
  const onStep = (at) => {
    if (at === step) process.kill(process.pid, 'SIGKILL');
  };
  process.stdout.write(`${JSON.stringify(await warehouse.copy(list, { onStep }))}\n`);
}
