import * as units from '@grafana/grafana-foundation-sdk/units';
import { burnRules } from '../../slo/burn-rate.js';
import type { LabelMatcher } from '../../slo/compile/promql.js';
import { prometheusQueries } from '../../slo/compile/queries.js';
import { windowName } from '../../slo/compile/windows.js';
import type { Slo } from '../../slo/types.js';
import { serving } from '../metric-names.js';
import { type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { figure, type Threshold, timeSeries } from './panels.js';
import { promql } from './targets.js';
import { scrapeVariables } from './variables.js';

const source = 'prometheus';

/** The servers that the variables choose. */
const chosen: readonly LabelMatcher[] = [
  { label: 'job', operator: '=~', value: '$job' },
  { label: 'namespace', operator: '=~', value: '$namespace' },
];

/** One row of panels: is it met, what is left, how fast does it go. */
function sloRow(slo: Slo): Row {
  const queries = prometheusQueries(slo, chosen);
  const window = windowName(slo.windowMs);
  const target = percent(slo.target);
  return {
    title: `${slo.name}: ${target} of requests ${promise(slo)}, over ${window}`,
    panels: [
      figure({
        title: 'Attained',
        description: `Share of prediction requests of the last ${window} that were good. The target is ${target}. 4xx do not count; 5xx and timeouts are bad.`,
        unit: units.PercentUnit,
        decimals: 3,
        source,
        span: 6,
        thresholds: [{ colour: 'red' }, { from: slo.target, colour: 'green' }],
        targets: [promql(queries.attained, 'attained', { instant: true })],
      }),
      figure({
        title: 'Budget left',
        description: `100 % is ${percent(1 - slo.target)} of the requests of ${window} that may be bad; below 0 the SLO is missed.`,
        unit: units.PercentUnit,
        decimals: 1,
        source,
        span: 6,
        thresholds: [{ colour: 'red' }, { from: 0, colour: 'orange' }, { from: 0.25, colour: 'green' }],
        targets: [promql(queries.budgetRemaining, 'left', { instant: true })],
      }),
      figure({
        title: 'Requests that count',
        description: 'Prediction requests per second, without 4xx, over five minutes. None: the SLO is not measured.',
        unit: units.RequestsPerSecond,
        source,
        span: 6,
        graph: true,
        targets: [promql(queries.requests, 'requests')],
      }),
      figure({
        title: 'Bad requests',
        description: `Prediction requests per second that were not ${promise(slo)}, over five minutes.`,
        unit: units.RequestsPerSecond,
        source,
        span: 6,
        graph: true,
        targets: [promql(queries.bad, 'bad')],
      }),
      timeSeries({
        title: 'Burn rate',
        description: `1 uses up the budget exactly in ${window}. An alert fires while the window of a line is above its factor: ${factors(slo)}.`,
        unit: units.Short,
        min: 0,
        source,
        span: 12,
        lines: true,
        thresholds: factorLines(slo),
        targets: queries.burnRates.map((burn) => promql(burn.query, `${burn.window} (alert at ${burn.factor})`)),
      }),
      timeSeries({
        title: 'Budget left over time',
        description: `The budget of the last ${window} at each moment: it comes back as bad requests get older than that.`,
        unit: units.PercentUnit,
        max: 1,
        source,
        span: 12,
        lines: true,
        interval: '30m',
        figures: ['min', 'lastNotNull'],
        thresholds: [{ colour: 'transparent' }, { from: 0, colour: 'red' }],
        targets: [promql(queries.budgetRemaining, 'left')],
      }),
    ],
  };
}

function promise(slo: Slo): string {
  return slo.sli === 'latency' ? `good within ${slo.thresholdMs} ms` : 'answered without a server fault';
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(10))} %`;
}

function factors(slo: Slo): string {
  return burnRules(slo)
    .map(
      ({ longMs, shortMs, factor, severity }) =>
        `${windowName(longMs)} and ${windowName(shortMs)} above ${factor} (${severity})`,
    )
    .join('; ');
}

/** Grafana takes thresholds in ascending order, each once. */
function factorLines(slo: Slo): Threshold[] {
  const colours = { page: 'red', ticket: 'orange' } as const;
  const sorted = [...burnRules(slo)].sort((a, b) => a.factor - b.factor);
  const lines = sorted.filter(({ factor }, index) => factor !== sorted[index - 1]?.factor);
  return [
    { colour: 'transparent' },
    ...lines.map(({ factor, severity }) => ({ from: factor, colour: colours[severity] })),
  ];
}

/** Every SLO of the project: the same queries as the alerts, on the counters themselves. */
export function sloDashboard(context: DashboardContext): BuiltDashboard {
  const { project, job, slos } = context;
  return buildDashboard({
    name: 'slo',
    uid: stableUid(project, 'slo'),
    title: `${project}: SLO`,
    description: 'The SLOs of mlops.yaml, from the counters mlops_slo_requests_total and mlops_slo_good_total.',
    project,
    from: 'now-24h',
    variables: scrapeVariables(project, serving.sloRequests, job),
    rows: slos.map(sloRow),
  });
}
