import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { buildDashboards } from '../../../../src/lib/monitoring/dashboards/all.js';
import { dashboardContext } from '../../../support/dashboard-context.js';

interface Target {
  refId: string;
  id?: string;
  datasource?: { type: string; uid: string };
  expr?: string;
  namespace?: string;
  metricName?: string;
  sqlExpression?: string;
  expression?: string;
  dimensions?: Record<string, string>;
}
interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { value: number | null }[] } } };
  targets?: Target[];
}

/** As Grafana reads it: what JSON cannot hold is gone. */
function models() {
  return buildDashboards(dashboardContext).map(({ name, uid, model }) => {
    const json = JSON.parse(JSON.stringify(model)) as {
      uid: string;
      schemaVersion: number;
      tags: string[];
      panels: Panel[];
      templating: { list: { name: string; type: string; query: unknown; datasource?: { uid: string } }[] };
    };
    const all = json.panels;
    return { name, uid, json, all, panels: all.filter(({ type }) => type !== 'row') };
  });
}

const cases = models().map((model) => [model.name, model] as const);

describe('the dashboards', () => {
  it('are the six of the project', () => {
    expect(models().map(({ name, uid }) => `${name} ${uid}`)).toEqual([
      'service flight-delay-service',
      'slo flight-delay-slo',
      'slo-cloudwatch flight-delay-slo-cloudwatch',
      'eks flight-delay-eks',
      'lambda flight-delay-lambda',
      'pipeline flight-delay-pipeline',
    ]);
  });

  it('are two for a project without AWS, where CloudWatch has nothing', () => {
    const built = buildDashboards({ ...dashboardContext, aws: undefined, sloCounters: undefined });
    expect(built.map(({ name }) => name)).toEqual(['service', 'slo']);
    expect(JSON.stringify(built)).not.toContain('cloudwatch');
  });

  it('come out the same every time, so that applying twice changes nothing', () => {
    expect(JSON.stringify(buildDashboards(dashboardContext))).toBe(JSON.stringify(buildDashboards(dashboardContext)));
  });

  it('have uids of at most 40 characters, different for projects with long names', () => {
    const uidsOf = (project: string) => buildDashboards({ ...dashboardContext, project }).map(({ uid }) => uid);
    const [long, other] = [uidsOf(`${'x'.repeat(60)}a`), uidsOf(`${'x'.repeat(60)}b`)];
    expect(Math.max(...long.map((uid) => uid.length))).toBeLessThanOrEqual(40);
    expect(new Set([...long, ...other]).size).toBe(12);
  });
});

describe.each(cases)('the dashboard %s', (_name, { json, all, panels }) => {
  it('has a schema that Grafana migrates from, its uid and its tags', () => {
    expect(json.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(json.tags).toEqual(['mlops', 'mlops:flight-delay']);
    expect(json.uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  it('has panels that lie inside the 24 columns and not on each other', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of all) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x},${y}`), `${title} at ${x},${y}`).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
    }
  });

  it('leaves no hole in a line of panels', () => {
    for (const y of new Set(all.map(({ gridPos }) => gridPos.y))) {
      const width = all.filter(({ gridPos }) => gridPos.y === y).reduce((sum, { gridPos }) => sum + gridPos.w, 0);
      expect(width, `line ${y}`).toBe(24);
    }
  });

  it('numbers its panels, each with another number', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBeGreaterThan(0);
  });

  it('says of each panel what it is, in a unit that Grafana knows', () => {
    const known = Object.values(units) as unknown[];
    for (const { title, description, fieldConfig } of panels) {
      expect(title).not.toBe('');
      expect(description?.length, title).toBeGreaterThan(15);
      expect(known, title).toContain(fieldConfig?.defaults.unit);
      const steps = fieldConfig?.defaults.thresholds?.steps ?? [];
      expect(steps[0]?.value, title).toBeNull();
      const values = steps.slice(1).map(({ value }) => value ?? Number.NaN);
      expect([...values].sort((a, b) => a - b)).toEqual(values);
    }
  });

  it('asks data sources that are variables of the dashboard', () => {
    const known = new Map(
      json.templating.list.filter(({ type }) => type === 'datasource').map(({ name, query }) => [`\${${name}}`, query]),
    );
    for (const { title, datasource, targets } of panels) {
      for (const ref of [datasource, ...(targets ?? []).map((target) => target.datasource)]) {
        expect(known.get(ref?.uid ?? ''), title).toBe(ref?.type);
      }
    }
    for (const { name, type, datasource } of json.templating.list) {
      if (type === 'query') expect(known.has(datasource?.uid ?? ''), name).toBe(true);
    }
  });

  it('gives every query its letter and what its kind needs', () => {
    for (const { title, targets = [] } of panels) {
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const target of targets) {
        if (target.datasource?.type === 'prometheus') expect(target.expr, title).toMatch(/\S/);
        else expectCloudWatch(target, title);
      }
    }
  });

  it('uses no variable that it does not have', () => {
    const names = new Set(json.templating.list.map(({ name }) => name));
    const used = JSON.stringify(panels.map(({ targets }) => targets)).matchAll(/\$\{?(\w+)/g);
    for (const [, name = ''] of used) {
      // `$__...` is Grafana's; PROP and LABEL are CloudWatch's dynamic labels.
      if (!name.startsWith('__') && name !== 'PROP' && name !== 'LABEL') expect(names).toContain(name);
    }
    // And none is there for nothing.
    const text = JSON.stringify(panels);
    for (const name of names) expect(text).toMatch(new RegExp(`\\$\\{?${name}\\b`));
  });
});

function expectCloudWatch(target: Target, title: string): void {
  expect(target.id, title).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
  if (target.sqlExpression !== undefined) {
    expect(target.sqlExpression, title).toMatch(
      /^SELECT SUM\(\w+\) FROM SCHEMA\("\w+"(, \w+)+\) WHERE \w+ = '\$\w+' GROUP BY \w+$/,
    );
    return;
  }
  if (target.expression !== undefined && target.expression !== '') {
    expect(target.expression, title).toMatch(/^[\w()+\-*/<>=.,]+$/);
    return;
  }
  expect(target.namespace, title).toMatch(/^(AWS\/(SQS|Lambda)|ContainerInsights|mlops)$/);
  expect(target.metricName, title).toMatch(/^\w+$/);
  expect(Object.keys(target.dimensions ?? {}).length, title).toBeGreaterThan(0);
}
