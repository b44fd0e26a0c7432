import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { generateGrafanaFiles, generateLines } from '../../../../src/lib/monitoring/grafana/generate.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { tempDir } from '../../../support/temp-dir.js';

interface Rules {
  groups?: { rules: { uid: string }[] }[];
  deleteRules?: { orgId: number; uid: string }[];
}

const folder = 'provisioning/alerting';

async function start() {
  const dir = await tempDir();
  const generate = (config: object, force = false) =>
    generateGrafanaFiles({
      project: { file: undefined, dir, config: projectSchema.parse({ name: 'demo', ...config }) },
      dir,
      job: undefined,
      policies: false,
      force,
      env: {},
    });
  const inNamespace = (namespace: string, force?: boolean) => generate({ deploy: { target: 'eks', namespace } }, force);
  const read = async (name: string) => {
    const { groups, deleteRules } = parse(await readFile(join(dir, folder, name), 'utf8')) as Rules;
    const brought = groups?.flatMap(({ rules }) => rules.map(({ uid }) => uid)) ?? [];
    return {
      brought,
      deleted: deleteRules?.map(({ orgId, uid }) => (orgId === 1 ? uid : 'of another organisation')) ?? [],
    };
  };
  return { dir, generate, inNamespace, read };
}

const lineOf = (result: Awaited<ReturnType<typeof generateGrafanaFiles>>, path: string) =>
  generateLines(result)
    .map((one) => JSON.stringify(one))
    .find((one) => one.includes(path));

test('the rules of a namespace that is left are deleted in Grafana, and said to be', async () => {
  const { inNamespace, read } = await start();
  expect((await inNamespace('default')).warnings).toEqual([]);
  const { brought } = await read('demo.yaml');
  expect(brought).toContain('demo-no-server');
  const moved = await inNamespace('prod');
  expect(await read('demo.yaml')).toEqual({ brought: [], deleted: brought });
  expect((await read('demo_prod.yaml')).deleted).toEqual([]);
  expect(moved.warnings).toEqual([
    expect.stringMatching(
      /^provisioning\/alerting\/demo\.yaml now has Grafana delete its 12 alert rules \(demo-no-server/,
    ),
  ]);
  expect(moved.warnings[0]).toContain('an --output of its own');
  expect(lineOf(moved, `${folder}/demo.yaml`)).toContain(
    'updated    provisioning/alerting/demo.yaml  has Grafana delete 12',
  );
  // The same again is the same again.
  const again = await inNamespace('prod');
  expect([...new Set(again.files.map(({ action }) => action))]).toEqual(['unchanged']);
  expect(again.warnings).toEqual([]);
  expect(again.retired).toEqual([{ path: `${folder}/demo.yaml`, uids: brought, isNew: false }]);
});

test('a namespace that comes back is not deleted, and the other one is', async () => {
  const { inNamespace, read } = await start();
  await inNamespace('prod');
  const prod = await read('demo_prod.yaml');
  await inNamespace('staging');
  expect((await inNamespace('prod')).warnings[0]).toContain('demo_staging-no-server');
  expect(await read('demo_prod.yaml')).toEqual(prod);
  const { brought, deleted } = await read('demo_staging.yaml');
  expect([brought, deleted.length]).toEqual([[], prod.brought.length]);
});

test('the rules of an SLO that is gone are deleted too, also of the last one', async () => {
  const { generate, read } = await start();
  await generate({});
  const slos = [{ name: 'availability', sli: 'availability', target: '99%', window: '30d' }];
  expect((await generate({ slos })).warnings).toEqual([]);
  const { brought, deleted } = await read('demo.yaml');
  expect(brought).toContain('demo-availability-absent');
  expect(deleted).toEqual(['burn-1h', 'burn-6h', 'burn-1d', 'burn-3d', 'absent'].map((part) => `demo-latency-${part}`));
  await generate({ slos: [] });
  const none = await read('demo.yaml');
  expect([none.brought, none.deleted.toSorted()]).toEqual([[], [...brought, ...deleted].toSorted()]);
  await generate({});
  expect((await read('demo.yaml')).deleted).toEqual([]);
});

test('a file that was changed by hand stays, which is said aloud, until it is forced', async () => {
  const { dir, inNamespace, read } = await start();
  await inNamespace('prod');
  const prod = await read('demo_prod.yaml');
  await appendFile(join(dir, folder, 'demo_prod.yaml'), '# mine\n');
  for (const _ of [1, 2]) {
    const { warnings, retired } = await inNamespace('staging');
    expect(warnings).toEqual([expect.stringMatching(/demo_prod\.yaml was changed by hand and stays.*both alert/)]);
    expect(retired).toEqual([]);
  }
  expect(await read('demo_prod.yaml')).toEqual(prod);
  await inNamespace('staging', true);
  expect(await read('demo_prod.yaml')).toEqual({ brought: [], deleted: prod.brought });
});

test('a file that has done its work can go', async () => {
  const { dir, inNamespace } = await start();
  await inNamespace('default');
  await inNamespace('prod');
  await rm(join(dir, folder, 'demo.yaml'));
  expect((await inNamespace('prod')).retired).toEqual([]);
  expect(await readdir(join(dir, folder))).toEqual(['demo_prod.yaml']);
});
