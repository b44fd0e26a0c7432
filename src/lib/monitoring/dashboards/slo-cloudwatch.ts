import * as units from '@grafana/grafana-foundation-sdk/units';
import { type BurnRule, burnRules } from '../../slo/burn-rate.js';
import type { CloudWatchSource } from '../../slo/compile/cloudwatch.js';
import { burnRateByPeriod, cloudWatchQueries, type MathQuery } from '../../slo/compile/queries.js';
import { windowName } from '../../slo/compile/windows.js';
import type { Slo } from '../../slo/types.js';
import { serving } from '../metric-names.js';
import { type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { figure, type Panel, timeSeries } from './panels.js';
import { attainedFigure, badFigure, budgetFigure, requestsFigure } from './slo-figures.js';
import { factorLines, rowTitle, ruleText, severityColours } from './slo-texts.js';
import { metric, metricMath, type Target } from './targets.js';
import { datasourceVariable } from './variables.js';

const source = 'cloudwatch';
const hourS = 3_600;

/** An expression over the counters of an SLO, which are asked for and not shown. */
function targets(slo: Slo, counters: CloudWatchSource, { expression, periodS }: MathQuery, label: string): Target[] {
  const dimensions = { ...counters.dimensions, slo: slo.name };
  const sum = (id: string, name: string) =>
    metric({ namespace: counters.namespace, name, dimensions, statistic: 'Sum', periodS }, id, { id, hidden: true });
  return [metricMath(expression, label, periodS), sum('requests', serving.sloRequests), sum('good', serving.sloGood)];
}

function sloRow(slo: Slo, counters: CloudWatchSource): Row {
  const queries = cloudWatchQueries(slo);
  const rules = burnRules(slo);
  const window = windowName(slo.windowMs);
  const of = (query: MathQuery, label: string) => targets(slo, counters, query, label);
  const burnFigure = ({ factor, severity, longMs, ...rest }: BurnRule, query: MathQuery): Panel =>
    figure({
      title: `Burn rate, ${windowName(longMs)}`,
      description: `1 uses up the budget exactly in ${window}. Alert: ${ruleText({ ...rest, factor, severity, longMs })}.`,
      unit: units.Short,
      decimals: 2,
      source,
      span: 24 / rules.length,
      lookBack: windowName(longMs),
      thresholds: [{ colour: 'green' }, { from: factor, colour: severityColours[severity] }],
      targets: of(query, windowName(longMs)),
    });
  return {
    title: rowTitle(slo),
    panels: [
      attainedFigure(slo, { source, span: 6, lookBack: window, targets: of(queries.attained, 'attained') }),
      budgetFigure(slo, { source, span: 6, lookBack: window, targets: of(queries.budgetRemaining, 'left') }),
      requestsFigure({ source, span: 6, targets: of(queries.requests, 'requests') }),
      badFigure(slo, { source, span: 6, targets: of(queries.bad, 'bad') }),
      ...queries.burnRates.flatMap(({ query }, index) => {
        const rule = rules[index];
        return rule === undefined ? [] : [burnFigure(rule, query)];
      }),
      timeSeries({
        title: 'Burn rate, hour by hour',
        description: `The burn rate of each hour by itself, where 1 uses up the budget exactly in ${window}. The lines are the factors of the alerts, each over its own windows.`,
        unit: units.Short,
        min: 0,
        source,
        span: 24,
        lines: true,
        thresholds: factorLines(slo),
        targets: of(burnRateByPeriod(slo, hourS), 'burn rate'),
      }),
    ],
  };
}

/** The same SLOs from CloudWatch, by the counters that its agent brings there: what the alarms see. */
export function sloCloudWatchDashboard(context: DashboardContext, counters: CloudWatchSource): BuiltDashboard {
  const { project, slos } = context;
  return buildDashboard({
    name: 'slo-cloudwatch',
    uid: stableUid(project, 'slo-cloudwatch'),
    title: `${project}: SLO in CloudWatch`,
    description: 'The SLOs of mlops.yaml, from the counters that the CloudWatch agent sends.',
    project,
    from: 'now-3d',
    variables: [datasourceVariable('cloudwatch', stableUid(project, 'cloudwatch'))],
    rows: slos.map((slo) => sloRow(slo, counters)),
  });
}
