import { describe, expect, it } from 'vitest';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { type ApplyRequest, applyLines, runApply } from '../../../../src/lib/monitoring/grafana/run-apply.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { type FakeGrafana, startFakeGrafana } from '../../../support/fake-grafana.js';
import { tempDir } from '../../../support/temp-dir.js';

async function start() {
  const grafana = await startFakeGrafana();
  const dir = await tempDir();
  const waits: number[] = [];
  const warnings: string[] = [];
  const run = (more: Partial<ApplyRequest> = {}, config: object = {}) =>
    runApply(
      {
        project: { file: undefined, dir, config: projectSchema.parse({ name: 'flight-delay', ...config }) },
        url: `${grafana.url}/`,
        token: 'env://TOKEN',
        job: undefined,
        dataSources: false,
        dryRun: false,
        signal: new AbortController().signal,
        env: { TOKEN: grafana.token },
        ...more,
      },
      { ...silentReporter, warn: (text) => void warnings.push(text) },
      { fetch, sleep: async (ms) => void waits.push(ms) },
    );
  return { grafana, run, waits, warnings };
}

const actions = ({ items }: Awaited<ReturnType<typeof runApply>>) =>
  items.map(({ kind, action }) => `${kind} ${action}`);
const writes = ({ calls }: FakeGrafana) => calls.filter((call) => !call.startsWith('GET'));
const five = (action: string) => Array.from({ length: 5 }, () => `dashboard ${action}`);

describe('mlops dashboard apply', () => {
  it('creates folder and dashboards, and changes nothing the second time', async () => {
    const { grafana, run } = await start();
    expect(actions(await run())).toEqual(['folder create', ...five('create')]);
    expect([...grafana.dashboards.values()].map(({ folderUid }) => folderUid)).toEqual(
      Array.from({ length: 5 }, () => 'flight-delay-folder'),
    );
    const before = writes(grafana).length;
    expect(actions(await run())).toEqual(['folder unchanged', ...five('unchanged')]);
    expect(writes(grafana)).toHaveLength(before);
  });

  it('with --dry-run says what would be done, and writes nothing', async () => {
    const { grafana, run } = await start();
    const result = await run({ dryRun: true });
    expect(actions(result)).toEqual(['folder create', ...five('create')]);
    expect(writes(grafana)).toEqual([]);
    expect(applyLines(result).at(-1)?.text).toContain('Nothing was changed');
  });

  it('brings back what was edited, says what that was, and leaves additions of Grafana alone', async () => {
    const { grafana, run } = await start();
    await run();
    const service = grafana.dashboards.get('flight-delay-service');
    const panels = (service?.dashboard.panels ?? []) as {
      title: string;
      description?: string;
      pluginVersion?: string;
    }[];
    (panels[1] as { description: string }).description = 'edited';
    (panels[2] as { pluginVersion: string }).pluginVersion = '12.0.0';
    panels.pop();
    const result = await run();
    const item = result.items.find(({ uid }) => uid === 'flight-delay-service');
    expect(item).toMatchObject({ action: 'update', changes: expect.arrayContaining(['panels[Requests].description']) });
    expect(item?.changes).toContain('panels (23 instead of 24)');
    expect(actions(await run())).toEqual(['folder unchanged', ...five('unchanged')]);
  });

  it('moves a dashboard back into its folder', async () => {
    const { grafana, run } = await start();
    await run();
    Object.assign(grafana.dashboards.get('flight-delay-slo') ?? {}, { folderUid: 'elsewhere' });
    expect((await run()).items.find(({ action }) => action === 'update')?.changes).toEqual(['folder']);
    expect(grafana.dashboards.get('flight-delay-slo')?.folderUid).toBe('flight-delay-folder');
  });

  it.each([
    ['somebody else made', { tags: ['theirs'] }, false],
    ['a file provisions', { tags: ['mlops:flight-delay'] }, true],
  ])('touches nothing when a dashboard of its uid is one that %s', async (_what, dashboard, provisioned) => {
    const { grafana, run } = await start();
    grafana.dashboards.set('flight-delay-slo', { dashboard, folderUid: 'x', provisioned });
    await expect(run()).rejects.toMatchObject({ code: 'GRAFANA_NOT_OURS', exitCode: 1 });
    expect(writes(grafana)).toEqual([]);
  });

  it('goes on where a run broke off', async () => {
    const { grafana, run } = await start();
    grafana.faults.push({ status: 500, body: '{"message":"disk full"}', on: 'POST /api/dashboards/db' });
    await expect(run()).rejects.toMatchObject({ code: 'GRAFANA_FAILED', why: expect.stringContaining('disk full') });
    expect(grafana.folders.size).toBe(1);
    expect(actions(await run())).toEqual(['folder unchanged', ...five('create')]);
  });

  it('says which permission is missing', async () => {
    const { grafana, run } = await start();
    grafana.faults.push({ status: 403, body: '{"message":"permission denied"}', on: 'POST /api/folders' });
    await expect(run()).rejects.toMatchObject({
      code: 'GRAFANA_FORBIDDEN',
      actions: [expect.stringContaining('folders:create')],
    });
  });

  it('does not overwrite what somebody saves at the same time', async () => {
    const { grafana, run } = await start();
    await run();
    const service = grafana.dashboards.get('flight-delay-service');
    Object.assign(service?.dashboard ?? {}, { description: 'edited' });
    const saved = run();
    grafana.faults.push({
      status: 412,
      body: '{"message":"changed by someone else","status":"version-mismatch"}',
      on: 'POST /api/dashboards/db',
    });
    await expect(saved).rejects.toMatchObject({
      code: 'GRAFANA_CONFLICT',
      why: expect.stringContaining('version-mismatch'),
    });
    expect(service?.dashboard.description).toBe('edited');
  });

  it('makes the data sources when asked', async () => {
    const { grafana, run, warnings } = await start();
    const config = { grafana: { prometheus: 'http://prometheus:9090' }, aws: { region: 'eu-west-1' } };
    expect(actions(await run({ dataSources: true }, config)).slice(1, 3)).toEqual([
      'data source create',
      'data source create',
    ]);
    expect(grafana.dataSources.get('flight-delay-cloudwatch')).toMatchObject({
      jsonData: { defaultRegion: 'eu-west-1' },
    });
    expect(actions(await run({ dataSources: true }, config)).slice(1, 3)).toEqual([
      'data source unchanged',
      'data source unchanged',
    ]);
    expect(actions(await run({ dataSources: true }, { ...config, aws: { region: 'us-west-2' } }))[2]).toBe(
      'data source update',
    );
    expect(warnings).toEqual([]);
    await run({ dataSources: true });
    expect(warnings).toEqual([expect.stringContaining('grafana.prometheus')]);
  });
});

describe('what is wrong with Grafana or its token', () => {
  it.each([
    ['a wrong token', { env: { TOKEN: 'wrong-token-value' } }, 'GRAFANA_TOKEN_REFUSED', 5],
    ['a token with a line break', { env: { TOKEN: 'two\nlines' } }, 'GRAFANA_TOKEN_MALFORMED', 5],
    ['no token', { token: undefined }, 'GRAFANA_TOKEN_MISSING', 2],
    ['no address', { url: undefined }, 'GRAFANA_URL_MISSING', 2],
    ['a token that is written down', { token: 'glsa_literal' }, 'SECRET_NOT_A_REFERENCE', 2],
    ['a variable that is not set', { token: 'env://NOT_THERE' }, 'SECRET_MISSING', 5],
    ['an address with a password', { url: 'http://me:secret@127.0.0.1/' }, 'GRAFANA_URL_INVALID', 2],
    ['nobody there', { url: 'http://127.0.0.1:1/' }, 'GRAFANA_UNREACHABLE', 5],
  ])('%s', async (_what, request, code, exitCode) => {
    const { run } = await start();
    const error = await run(request).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, exitCode });
    expect(JSON.stringify(error)).not.toMatch(/glsa_literal|wrong-token-value|secret@/);
  });

  it('an interrupt', async () => {
    const { run } = await start();
    await expect(run({ signal: AbortSignal.abort('SIGINT') })).rejects.toMatchObject({ exitCode: 130 });
  });
});
