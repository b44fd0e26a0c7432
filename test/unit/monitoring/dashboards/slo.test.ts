import { describe, expect, it } from 'vitest';
import { eksDashboard } from '../../../../src/lib/monitoring/dashboards/eks.js';
import { panelExpressions } from '../../../../src/lib/monitoring/dashboards/expressions.js';
import { sloDashboard } from '../../../../src/lib/monitoring/dashboards/slo.js';
import { dashboardContext } from '../../../support/dashboard-context.js';

const built = sloDashboard(dashboardContext);
const json = JSON.parse(JSON.stringify(built.model)) as {
  panels: { title: string; description?: string; fieldConfig?: { defaults: { thresholds: { steps: unknown[] } } } }[];
  templating: { list: { name: string }[] };
};
const { panels } = json;

describe('the dashboard of SLOs', () => {
  it('says in the title of a row what was promised', () => {
    expect(panels.filter(({ title }) => title.includes(':')).map(({ title }) => title)).toEqual([
      'availability: 99.9 % of requests answered without a server fault, over 30d',
      'latency: 99 % of requests good within 100 ms, over 30d',
    ]);
  });

  it('says where the share that was attained comes from', () => {
    const attained = panels.filter(({ title }) => title === 'Attained');
    expect(attained).toHaveLength(2);
    for (const { description } of attained) {
      expect(description).toMatch(/\. From what `mlops slo rules` records; without these rules from the counters/);
    }
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

  it('knows which SLOs are recorded without being asked, and says how far back the figures reach', () => {
    const recorded = json.templating.list.find(({ name }) => name === 'recorded');
    expect(recorded).toMatchObject({
      hide: 2,
      query: {
        query: 'label_values(slo:error_budget:remaining_ratio{service="flight-delay",namespace=~"$namespace"}, slo)',
      },
      includeAll: true,
      current: { value: '$__all' },
    });
    const measured = panels.find(({ title }) => title === 'Measured over');
    expect(measured?.fieldConfig?.defaults.thresholds.steps).toEqual([
      { value: null, color: 'orange' },
      { value: 30 * 86_400 - 7_200, color: 'green' },
    ]);
  });

  it('begins in the namespace of the project, when there is one: one Prometheus may scrape several', () => {
    const chosen = (context: typeof dashboardContext & { namespace?: string }) =>
      (JSON.parse(JSON.stringify(sloDashboard(context).model)) as typeof json).templating.list.find(
        ({ name }) => name === 'namespace',
      );
    expect(chosen({ ...dashboardContext, namespace: 'prod' })).toMatchObject({ current: { value: ['prod'] } });
    expect(chosen(dashboardContext)).toMatchObject({ current: { value: '$__all' } });
  });

  it('and that of the cluster show the requests of this project, not of all that Prometheus scrapes', () => {
    const eks = eksDashboard(dashboardContext);
    const [requests] = panelExpressions([eks]);
    expect(requests?.expr).toContain('mlops_requests_total{job=~".*", namespace=~".*"}');
    const { list } = (JSON.parse(JSON.stringify(eks.model)) as { templating: { list: object[] } }).templating;
    expect(list).toContainEqual(
      expect.objectContaining({ name: 'job', current: expect.objectContaining({ value: ['flight-delay'] }) }),
    );
  });

  it('shows the whole window of the SLO, with the variables filled in for who asks Prometheus itself', () => {
    const expressions = panelExpressions([built]);
    expect(expressions.find(({ panel }) => panel === 'Attained')?.expr).toBe(
      '(1 - slo:sli_error:ratio_period{service="flight-delay",slo="availability",namespace=~".*"}) or on() (sum(increase(mlops_slo_good_total{namespace=~".*",job=~".*",slo!~"",slo="availability"}[30d])) / (sum(increase(mlops_slo_requests_total{namespace=~".*",job=~".*",slo!~"",slo="availability"}[30d])) > 0))',
    );
    expect(expressions.every(({ expr }) => !expr.includes('$'))).toBe(true);
  });
});
