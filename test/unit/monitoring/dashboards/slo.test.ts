import { describe, expect, it } from 'vitest';
import { panelExpressions } from '../../../../src/lib/monitoring/dashboards/expressions.js';
import { sloDashboard } from '../../../../src/lib/monitoring/dashboards/slo.js';
import { dashboardContext } from '../../../support/dashboard-context.js';

const built = sloDashboard(dashboardContext);
const panels = (
  JSON.parse(JSON.stringify(built.model)) as {
    panels: { title: string; fieldConfig?: { defaults: { thresholds: { steps: unknown[] } } } }[];
  }
).panels;

describe('the dashboard of SLOs', () => {
  it('says in the title of a row what was promised', () => {
    expect(panels.filter(({ title }) => title.includes(':')).map(({ title }) => title)).toEqual([
      'availability: 99.9 % of requests answered without a server fault, over 30d',
      'latency: 99 % of requests good within 100 ms, over 30d',
    ]);
  });

  it('draws the factors of the alerts as lines', () => {
    const burn = panels.find(({ title }) => title === 'Burn rate');
    expect(burn?.fieldConfig?.defaults.thresholds.steps).toEqual([
      { value: null, color: 'transparent' },
      { value: 1, color: 'orange' },
      { value: 3, color: 'orange' },
      { value: 6, color: 'red' },
      { value: 14.4, color: 'red' },
    ]);
  });

  it('shows the whole window of the SLO, with the variables filled in for who asks Prometheus itself', () => {
    const expressions = panelExpressions([built]);
    expect(expressions.find(({ panel }) => panel === 'Attained')?.expr).toBe(
      'sum(increase(mlops_slo_good_total{job=~".*",namespace=~".*",slo="availability"}[30d])) / (sum(increase(mlops_slo_requests_total{job=~".*",namespace=~".*",slo="availability"}[30d])) > 0)',
    );
    expect(expressions.every(({ expr }) => !expr.includes('$'))).toBe(true);
  });
});
