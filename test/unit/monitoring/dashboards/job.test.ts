import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { generateGrafanaFiles } from '../../../../src/lib/monitoring/grafana/generate.js';
import { runApply } from '../../../../src/lib/monitoring/grafana/run-apply.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { startFakeGrafana } from '../../../support/fake-grafana.js';
import { tempDir } from '../../../support/temp-dir.js';

interface Model {
  readonly templating: { readonly list: readonly { readonly name: string; readonly current: object }[] };
}

const chosenJob = (model: Model) => model.templating.list.find(({ name }) => name === 'job')?.current;

async function start() {
  const dir = await tempDir();
  const project = { file: undefined, dir, config: projectSchema.parse({ name: 'flight-delay' }) };
  return { dir, project };
}

// One Prometheus scrapes many services: what they have together is nobody's rate, latency or budget.
it.each([
  [undefined, 'flight-delay'],
  ['ml/flight-delay', 'ml/flight-delay'],
])('dashboards show the job of the project at first, as its alerts do (--job %s)', async (job, expected) => {
  const { dir, project } = await start();
  const grafana = await startFakeGrafana();
  await generateGrafanaFiles({ project, dir, job, policies: false, force: false, env: {} });
  const chosen = { text: [expected], value: [expected], selected: true };
  for (const name of ['service', 'slo']) {
    const model = JSON.parse(await readFile(join(dir, 'dashboards', `${name}.json`), 'utf8')) as Model;
    expect(chosenJob(model), name).toEqual(chosen);
  }
  const request = { project, url: grafana.url, token: 'env://TOKEN', dataSources: false, dryRun: false, job };
  const deps = { fetch, sleep: async () => undefined };
  const signal = new AbortController().signal;
  await runApply({ ...request, signal, env: { TOKEN: grafana.token } }, silentReporter, deps);
  const applied = grafana.dashboards.get('flight-delay-service')?.dashboard as unknown as Model;
  expect(chosenJob(applied)).toEqual(chosen);
});
