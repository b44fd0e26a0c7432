import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertRulesDocument } from '../../../../src/lib/monitoring/grafana/alert-rules.js';
import { type GenerateRequest, generateGrafanaFiles } from '../../../../src/lib/monitoring/grafana/generate.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { defaultSlos } from '../../../../src/lib/slo/defaults.js';
import type { Slo } from '../../../../src/lib/slo/types.js';
import { tempDir } from '../../../support/temp-dir.js';

const pagerDutySeverity = '{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}';
const contacts = { slack: '#ml', email: ['a@example.com', 'b@example.com'], pagerduty: true };

async function start() {
  const dir = await tempDir();
  const generate = (config: object = {}, more: Partial<GenerateRequest> = {}) =>
    generateGrafanaFiles({
      project: { file: undefined, dir, config: projectSchema.parse({ name: 'flight-delay', ...config }) },
      dir: join(dir, 'grafana'),
      job: undefined,
      policies: false,
      force: false,
      env: {},
      ...more,
    });
  const read = (path: string) => readFile(join(dir, 'grafana', path), 'utf8');
  return { dir, generate, read };
}

const actions = ({ files }: Awaited<ReturnType<typeof generateGrafanaFiles>>) => [
  ...new Set(files.map(({ action }) => action)),
];

describe('mlops dashboard generate', () => {
  it('writes dashboards, data sources, their provider and alert rules', async () => {
    const { generate, read } = await start();
    const { files, environment } = await generate();
    expect(files.map(({ path }) => path)).toEqual([
      'dashboards/service.json',
      'dashboards/slo.json',
      'dashboards/eks.json',
      'dashboards/lambda.json',
      'dashboards/pipeline.json',
      'provisioning/datasources/flight-delay.yaml',
      'provisioning/dashboards/flight-delay.yaml',
      'provisioning/alerting/flight-delay.yaml',
    ]);
    expect(environment).toEqual(['MLOPS_PROMETHEUS_URL']);
    expect(parse(await read('provisioning/datasources/flight-delay.yaml'))).toMatchObject({
      apiVersion: 1,
      datasources: [
        { uid: 'flight-delay-prometheus', type: 'prometheus', url: '$MLOPS_PROMETHEUS_URL' },
        { uid: 'flight-delay-cloudwatch', type: 'cloudwatch', jsonData: { authType: 'default' } },
      ],
    });
  });

  it('names what was provisioned', async () => {
    const { dir, generate, read } = await start();
    await mkdir(join(dir, 'infra/aws'), { recursive: true });
    const outputs = {
      region: 'eu-west-1',
      eks_cluster_name: 'big',
      queue_url: 'https://sqs.eu-west-1.amazonaws.com/1/rec',
    };
    await writeFile(join(dir, 'infra/aws/outputs.json'), JSON.stringify(outputs));
    await generate();
    expect(await read('provisioning/datasources/flight-delay.yaml')).toContain('defaultRegion: eu-west-1');
    expect(await read('dashboards/eks.json')).toContain('"value": "big"');
    expect(await read('dashboards/pipeline.json')).toContain('"QueueName": "rec"');
  });

  it('has the SLOs in CloudWatch where the manifests bring their counters there', async () => {
    const { dir, generate, read } = await start();
    const overlay = join(dir, 'deploy/kubernetes/overlay');
    await mkdir(overlay, { recursive: true });
    await writeFile(join(overlay, 'kustomization.yaml'), 'components:\n  - ../components/cloudwatch\n');
    const { files } = await generate({ deploy: { target: 'eks', namespace: 'prod' } });
    expect(files.map(({ path }) => path)).toContain('dashboards/slo-cloudwatch.json');
    expect(await read('dashboards/slo-cloudwatch.json')).toContain('"Namespace": "prod"');
  });

  it('keeps secrets in the environment of Grafana, and dollars that are meant', async () => {
    const { generate, read } = await start();
    const { environment } = await generate({ grafana: { contacts } });
    expect(environment).toEqual(['MLOPS_PROMETHEUS_URL', 'MLOPS_SLACK_URL', 'MLOPS_PAGERDUTY_KEY']);
    expect(parse(await read('provisioning/alerting/flight-delay-contact-points.yaml'))).toEqual({
      apiVersion: 1,
      contactPoints: [
        {
          orgId: 1,
          name: 'flight-delay',
          receivers: [
            { uid: 'flight-delay-slack', type: 'slack', settings: { recipient: '#ml', url: '$MLOPS_SLACK_URL' } },
            {
              uid: 'flight-delay-email',
              type: 'email',
              settings: { addresses: 'a@example.com;b@example.com', singleEmail: false },
            },
            {
              uid: 'flight-delay-pagerduty',
              type: 'pagerduty',
              settings: { integrationKey: '$MLOPS_PAGERDUTY_KEY', severity: pagerDutySeverity },
            },
          ],
        },
      ],
    });
    const rules = await read('provisioning/alerting/flight-delay.yaml');
    expect(rules).toContain('$$A > 14.4 && $$B > 14.4 && $$C > 4.5');
    expect(rules.replaceAll('$$', '')).not.toContain('$A');
  });

  it('has alert rules of several namespaces side by side, and those of none as they always were', async () => {
    const documents = ['prod', 'staging', 'default', undefined, '../e', '../f'].map((namespace) => {
      const slos = [...defaultSlos, { ...defaultSlos[0], name: 'a-long-name-of-an-slo-that-does-not-fit' } as Slo];
      return alertRulesDocument({ project: 'demo', slos, job: 'demo', namespace, contactPoint: undefined });
    }) as { groups: { name: string; rules: { uid: string; title: string }[] }[] }[];
    const [prod, staging, unnamed, none] = documents;
    const of = (key: 'uid' | 'title', chosen = documents) =>
      chosen.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.map((rule) => rule[key])));
    expect(of('uid', [unnamed, none] as typeof documents).slice(0, 3)).toEqual([
      'demo-no-server',
      'demo-servers-down',
      'demo-availability-burn-1h',
    ]);
    expect(of('uid', [unnamed] as typeof documents)).toEqual(of('uid', [none] as typeof documents));
    expect(of('uid', [prod] as typeof documents)[0]).toBe('demo_prod-no-server');
    expect(prod?.groups[1]?.name).toBe('slo-availability in prod');
    expect(staging?.groups[1]?.rules[0]?.title).toBe('availability: budget burns 14.4 times too fast (1h) in staging');
    const scoped = documents.filter((document) => document !== unnamed);
    for (const key of ['uid', 'title'] as const) expect(new Set(of(key, scoped)).size).toBe(of(key, scoped).length);
    for (const uid of of('uid')) expect(uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  it('names the namespace in the file of the rules', async () => {
    const { generate } = await start();
    const alerting = async (deploy: object) =>
      (await generate({ deploy })).files.map(({ path }) => path).filter((path) => path.includes('alerting'));
    expect(await alerting({ target: 'eks' })).toEqual(['provisioning/alerting/flight-delay.yaml']);
    expect((await alerting({ target: 'eks', namespace: 'prod' }))[0]).toBe(
      'provisioning/alerting/flight-delay_prod.yaml',
    );
  });

  it('alerts by the table of burn rates, to the contacts if there are any', async () => {
    const { generate, read } = await start();
    await generate({ grafana: { contacts } });
    const { groups } = parse(await read('provisioning/alerting/flight-delay.yaml')) as {
      groups: { folder: string; rules: Record<string, unknown>[] }[];
    };
    expect(groups.map(({ folder }) => folder)).toEqual(Array(3).fill('flight-delay'));
    expect(groups[0]?.rules.map(({ uid, labels, for: pending }) => ({ uid, labels, pending }))).toEqual([
      { uid: 'flight-delay-no-server', labels: { severity: 'page', service: 'flight-delay' }, pending: '5m' },
      { uid: 'flight-delay-servers-down', labels: { severity: 'ticket', service: 'flight-delay' }, pending: '15m' },
    ]);
    const rules = groups.slice(1).flatMap((group) => group.rules);
    expect(rules.map(({ uid }) => uid)).toEqual(
      ['availability', 'latency'].flatMap((slo) =>
        ['burn-1h', 'burn-6h', 'burn-1d', 'burn-3d', 'absent'].map((part) => `flight-delay-${slo}-${part}`),
      ),
    );
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
    expect(rules[0]).toMatchObject({
      condition: 'D',
      for: '0s',
      noDataState: 'OK',
      execErrState: 'Error',
      labels: { severity: 'page', slo: 'availability', service: 'flight-delay' },
      notification_settings: { receiver: 'flight-delay' },
      data: [
        {
          refId: 'A',
          datasourceUid: 'flight-delay-prometheus',
          relativeTimeRange: { from: 600, to: 0 },
          model: {
            expr: '(sum(increase(mlops_slo_requests_total{job="flight-delay",slo="availability"}[1h])) - sum(increase(mlops_slo_good_total{job="flight-delay",slo="availability"}[1h]))) / (sum(increase(mlops_slo_requests_total{job="flight-delay",slo="availability"}[1h])) > 0) / 0.001',
            instant: true,
          },
        },
        { refId: 'B', model: { expr: expect.stringContaining('[5m]') } },
        { refId: 'C', model: { expr: expect.stringMatching(/^sum\(.*\[1h\]\)\) - sum\(.*\[1h\]\)\)$/) } },
        { refId: 'D', datasourceUid: '__expr__', model: { type: 'math' } },
      ],
    });
    expect(rules[0]).not.toHaveProperty('folderUID');
    await generate();
    expect(await read('provisioning/alerting/flight-delay.yaml')).not.toContain('notification_settings');
  });

  it('writes policies only when asked, and only with somebody to notify', async () => {
    const { generate, read } = await start();
    await expect(generate({}, { policies: true })).rejects.toMatchObject({
      code: 'POLICIES_WITHOUT_CONTACTS',
      exitCode: 2,
    });
    await generate({ grafana: { contacts } }, { policies: true });
    const text = await read('provisioning/alerting/flight-delay-policies.yaml');
    expect(text).toContain('replaces ALL notification policies');
    expect(parse(text)).toMatchObject({
      policies: [
        { orgId: 1, receiver: 'flight-delay', routes: [{ object_matchers: [['service', '=', 'flight-delay']] }] },
      ],
    });
  });
});

describe('contacts of one severity', () => {
  interface Alerting {
    contactPoints: { name: string; receivers: { uid: string; type: string; settings: Record<string, unknown> }[] }[];
    groups: { rules: { labels: { severity: string }; notification_settings?: { receiver: string } }[] }[];
    policies: { receiver: string; routes: { receiver: string; object_matchers: string[][] }[] }[];
  }
  const folder = 'provisioning/alerting/flight-delay';

  it('pages reach the pager and tickets do not; both reach who hears of all', async () => {
    const { generate, read } = await start();
    const split = { slack: '#ml', page: { pagerduty: true }, ticket: { email: ['team@example.com'] } };
    const { environment } = await generate({ grafana: { contacts: split } }, { policies: true });
    expect(environment).toContain('MLOPS_PAGERDUTY_KEY');
    const { contactPoints } = parse(await read(`${folder}-contact-points.yaml`)) as Alerting;
    expect(contactPoints.map(({ name, receivers }) => [name, receivers.map(({ type }) => type)])).toEqual([
      ['flight-delay-page', ['slack', 'pagerduty']],
      ['flight-delay-ticket', ['slack', 'email']],
    ]);
    const uids = contactPoints.flatMap(({ receivers }) => receivers.map(({ uid }) => uid));
    expect(new Set(uids).size).toBe(uids.length);
    const { groups } = parse(await read(`${folder}.yaml`)) as Alerting;
    for (const { labels, notification_settings: told } of groups.flatMap(({ rules }) => rules)) {
      expect(told?.receiver).toBe(`flight-delay-${labels.severity}`);
    }
    const { policies } = parse(await read(`${folder}-policies.yaml`)) as Alerting;
    expect(policies[0]?.receiver).toBe('flight-delay-ticket');
    expect(policies[0]?.routes.map(({ receiver, object_matchers }) => [receiver, object_matchers[1]])).toEqual([
      ['flight-delay-page', ['severity', '=', 'page']],
      ['flight-delay-ticket', ['severity', '=', 'ticket']],
    ]);
  });

  it('a severity that nobody hears of is left to the policies of Grafana', async () => {
    const { generate, read } = await start();
    await generate({ grafana: { contacts: { page: { email: ['a@example.com'] } } } });
    const { groups } = parse(await read(`${folder}.yaml`)) as Alerting;
    const receivers = groups.flatMap(({ rules }) => rules).map((rule) => rule.notification_settings?.receiver);
    expect(new Set(receivers)).toEqual(new Set(['flight-delay-page', undefined]));
  });
});

describe('files that are there already', () => {
  it('stay when they were changed by hand, unless forced', async () => {
    const { dir, generate, read } = await start();
    expect(actions(await generate())).toEqual(['created']);
    expect(actions(await generate())).toEqual(['unchanged']);
    const file = join(dir, 'grafana/dashboards/slo.json');
    await writeFile(file, '{"mine": true}');
    const changed = { slos: [{ name: 'fast', sli: 'latency', threshold: '50ms', target: '99%', window: '30d' }] };
    const again = await generate(changed);
    expect(again.files.find(({ path }) => path === 'dashboards/slo.json')?.action).toBe('kept');
    expect(again.files.find(({ path }) => path.includes('alerting'))?.action).toBe('updated');
    expect(await read('dashboards/slo.json')).toBe('{"mine": true}');
    expect((await generate(changed)).files.find(({ path }) => path === 'dashboards/slo.json')?.action).toBe('kept');
    expect(
      (await generate(changed, { force: true })).files.find(({ path }) => path === 'dashboards/slo.json')?.action,
    ).toBe('updated');
    expect(actions(await generate(changed))).toEqual(['unchanged']);
  });

  it('go when they are not generated any more, but only if nobody has touched them', async () => {
    const { dir, generate } = await start();
    await generate();
    await writeFile(join(dir, 'grafana/dashboards/eks.json'), '{}');
    const { files } = await generate({ cloud: 'gcp' });
    expect(
      files
        .filter(({ action }) => action === 'removed' || action === 'kept')
        .map(({ path, action }) => `${action} ${path}`),
    ).toEqual(['kept dashboards/eks.json', 'removed dashboards/lambda.json', 'removed dashboards/pipeline.json']);
    expect((await readdir(join(dir, 'grafana/dashboards'))).sort()).toEqual(['eks.json', 'service.json', 'slo.json']);
  });

  it('are never deleted outside the folder, whatever the record says', async () => {
    const { dir, generate, read } = await start();
    await generate();
    await writeFile(join(dir, 'precious'), 'x');
    const record = JSON.parse(await read('.mlops-generated.json')) as { files: Record<string, string> };
    record.files['../precious'] = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    await writeFile(join(dir, 'grafana/.mlops-generated.json'), JSON.stringify(record));
    await generate();
    expect(await readFile(join(dir, 'precious'), 'utf8')).toBe('x');
  });
});
