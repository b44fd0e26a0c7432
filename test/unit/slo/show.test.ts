import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadProject } from '../../../src/lib/project/project.js';
import { readSloSite } from '../../../src/lib/project/slo-site.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';
import { showSlos } from '../../../src/lib/slo/show.js';
import { sloLines } from '../../../src/lib/slo/show-lines.js';
import { requireSource, type SloSite, sloSources } from '../../../src/lib/slo/sources.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { makeRules, writeRules } from '../../../src/lib/slo/write-rules.js';
import { tempDir } from '../../support/temp-dir.js';

const site: SloSite = { name: 'demo', target: undefined, namespace: undefined, components: [] };
const eks: SloSite = { ...site, target: 'eks', namespace: 'prod', components: ['cloudwatch'] };

describe('sources', () => {
  it('CloudWatch has numbers on EKS with the scrape of its agent, and nowhere else', () => {
    expect(sloSources(eks).cloudwatch).toMatchObject({
      available: true,
      source: { namespace: 'mlops', dimensions: { Namespace: 'prod', Service: 'demo' } },
    });
    for (const other of [site, { ...eks, components: [] }, { ...eks, target: 'gke' } as const]) {
      const { cloudwatch } = sloSources(other);
      expect(() => requireSource('Alarms', cloudwatch)).toThrow(expect.objectContaining({ code: 'SLO_NO_SOURCE' }));
    }
  });

  it('Prometheus has none on Cloud Run, so no rules are made', async () => {
    const rules = makeRules(defaultSlos, { ...site, target: 'cloud-run' }, { job: undefined });
    await expect(rules).rejects.toMatchObject({ code: 'SLO_NO_SOURCE' });
    expect((await makeRules(defaultSlos, site, { job: undefined })).file.groups).toHaveLength(7);
  });

  it('are read from mlops.yaml and the overlay of the project', async () => {
    const dir = await tempDir();
    await mkdir(join(dir, 'deploy/kubernetes/overlay'), { recursive: true });
    await writeFile(join(dir, 'mlops.yaml'), 'name: demo\ndeploy: { target: eks, namespace: prod }\n');
    const overlay = 'resources: [../base]\ncomponents:\n  - ../components/cloudwatch\n';
    await writeFile(join(dir, 'deploy/kubernetes/overlay/kustomization.yaml'), overlay);
    expect(await readSloSite(await loadProject(dir))).toEqual(eks);
  });
});

describe('show', () => {
  it('tells budgets in minutes and requests, and when each alert fires', () => {
    const { slos, findings, noServerPageAfterMinutes } = showSlos(defaultSlos, { site, rate: 50, timeoutMs: 10_000 });
    expect(findings).toEqual([]);
    expect(noServerPageAfterMinutes).toBe(5);
    expect(slos[0]).toMatchObject({
      name: 'availability',
      target: 0.999,
      window: '30d',
      budget: { ratio: 0.001, minutes: 43.2, requests: 129_600 },
    });
    // The Site Reliability Workbook, table 5-8: a complete outage pages after 0.9 minutes.
    expect(slos[0]?.alerts[0]).toMatchObject({
      longWindow: '1h',
      shortWindow: '5m',
      factor: 14.4,
      firesAfterMinutes: 0.864,
    });
  });

  it('says never of an alert that so few requests cannot set off, as the warning beside it does', () => {
    const overview = showSlos(defaultSlos, { site: eks, rate: 0.001, timeoutMs: 10_000 });
    // 5 bad ones take 83.3 minutes.
    expect(
      overview.slos[0]?.alerts.map(({ longWindow, firesAfterMinutes }) => [longWindow, firesAfterMinutes]),
    ).toEqual([
      ['1h', null],
      ['6h', expect.closeTo(83.33, 1)],
      ['1d', expect.closeTo(83.33, 1)],
      ['3d', expect.closeTo(83.33, 1)],
    ]);
    const text = sloLines(overview).map((line) => line.text);
    expect(text.find((line) => line.includes('1h and 5m'))).toMatch(/never: too few requests$/);
    const one = showSlos([{ ...(defaultSlos[0] as Slo), minBadRequests: 1 }], { site, rate: 1, timeoutMs: 1 });
    expect(sloLines(one).map((line) => line.text)).toContain(
      '  no alert on   fewer than 1 bad request within the longer window',
    );
  });

  it('for people: a block for each SLO, what to know, and where the numbers come from', () => {
    const text = (lines: ReturnType<typeof sloLines>) => lines.map((line) => line.text).join('\n');
    const shown = text(sloLines(showSlos(defaultSlos, { site: eks, rate: 0.01, timeoutMs: 10_000 })));
    expect(shown).toContain('latency: 99 % of the requests good within 100 ms, over 30d');
    expect(shown).toContain('error budget  0.1 %: 43.2 min of complete outage, or 25 bad requests');
    expect(shown).toContain('no alert on   fewer than 5 bad requests within the longer window');
    expect(shown).toMatch(/if all are 5xx, after\n +page +1h and 5m +> 14.4 +> 1.44 % +2 % +8.33 min/);
    expect(shown).toContain('If no server answers, nothing is counted: a page of its own after 5 min');
    expect(shown).toContain('warning: availability: low traffic');
    expect(shown).toContain("the CloudWatch agent's scrape");
    expect(text(sloLines(showSlos([], { site, rate: undefined, timeoutMs: 1 })))).toContain('no SLOs');
  });

  it('writes rules about one namespace of a cluster, unless told that all are one service', async () => {
    const matchers = async (at: SloSite, namespace?: string) => {
      const { yaml } = await makeRules(defaultSlos, at, { job: undefined, namespace });
      return new Set(yaml.match(/mlops_slo_requests_total\{job="demo"(,namespace="\w+")?/g));
    };
    const of = (namespace: string) => new Set([`mlops_slo_requests_total{job="demo",namespace="${namespace}"`]);
    const any = new Set(['mlops_slo_requests_total{job="demo"']);
    expect(await matchers(eks)).toEqual(of('prod'));
    expect(await matchers({ ...eks, target: 'gke', namespace: undefined })).toEqual(of('default'));
    expect(await matchers(eks, 'staging')).toEqual(of('staging'));
    expect(await matchers(eks, '')).toEqual(any);
    expect(await matchers({ ...eks, target: 'docker' })).toEqual(any);
  });

  it('writes the rules as YAML, with the folders above', async () => {
    const rules = await makeRules(defaultSlos, site, { job: 'serving' });
    const path = join(await tempDir(), 'new', 'rules.yaml');
    await writeRules(rules, path);
    const { readFile } = await import('node:fs/promises');
    expect(parse(await readFile(path, 'utf8'))).toEqual(rules.file);
    expect(rules.yaml).toMatch(/^# The budget over 30d .*--storage\.tsdb\.retention\.time=31d/);
    const week = await makeRules([{ ...(defaultSlos[0] as Slo), windowMs: 7 * 86_400_000 }], site, { job: undefined });
    expect(week.yaml).toMatch(/^groups:/);
    expect(rules.yaml).toContain('job="serving"');
    await expect(writeRules(rules, join(path, 'below'))).rejects.toMatchObject({ code: 'RULES_NOT_WRITTEN' });
    await expect(makeRules(defaultSlos, site, { job: '' })).rejects.toMatchObject({ code: 'INVALID_JOB' });
  });
});
