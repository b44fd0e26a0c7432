import * as units from '@grafana/grafana-foundation-sdk/units';
import { burnRules } from '../../slo/burn-rate.js';
import type { LabelMatcher } from '../../slo/compile/promql.js';
import { prometheusQueries } from '../../slo/compile/queries.js';
import { budgetRemaining } from '../../slo/compile/series.js';
import { windowName } from '../../slo/compile/windows.js';
import type { Slo } from '../../slo/types.js';
import { serving } from '../metric-names.js';
import { type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { figure, timeSeries } from './panels.js';
import { attainedFigure, badFigure, budgetFigure, requestsFigure } from './slo-figures.js';
import { factorLines, percent, rowTitle, ruleText } from './slo-texts.js';
import { promql } from './targets.js';
import { recordedVariable, scrapeVariables } from './variables.js';

const source = 'prometheus';

/**
 * The servers that the variable chooses, as the alerts do: by job and namespace. The second matcher finds no counter once the rules record an
 * SLO, so that Prometheus does not also read a month of every server for what is not shown.
 */
const chosen: readonly LabelMatcher[] = [
  { label: 'job', operator: '=~', value: '$job' },
  { label: 'slo', operator: '!~', value: '$recorded' },
];
const inNamespace: readonly LabelMatcher[] = [{ label: 'namespace', operator: '=~', value: '$namespace' }];

const fromRules = 'From what `mlops slo rules` records; without these rules from the counters, which reads much more.';
/** The recordings see how far back they reach to the hour. */
const slackS = 7_200;

/** One row of panels: is it met, what is left, how fast does it go. */
function sloRow(slo: Slo, project: string): Row {
  const queries = prometheusQueries(slo, { project, matchers: chosen, common: inNamespace });
  const window = windowName(slo.windowMs);
  const now = (query: string, label: string) => [promql(query, label, { instant: true })];
  return {
    title: rowTitle(slo),
    panels: [
      attainedFigure(slo, { source, span: 5, targets: now(queries.attained, 'attained') }, fromRules),
      budgetFigure(slo, { source, span: 5, targets: now(queries.budgetRemaining, 'left') }),
      figure({
        title: 'Measured over',
        description: `How far back both figures reach. Less than ${window}: the rules are newer than that, or Prometheus does not keep samples that long (--storage.tsdb.retention.time, 15 d unless set).`,
        unit: units.Seconds,
        decimals: 1,
        source,
        span: 4,
        thresholds: [{ colour: 'orange' }, { from: slo.windowMs / 1000 - slackS, colour: 'green' }],
        targets: now(queries.measuredSeconds, 'measured'),
      }),
      requestsFigure({ source, span: 5, targets: [promql(queries.requests, 'requests')] }),
      badFigure(slo, { source, span: 5, targets: [promql(queries.bad, 'bad')] }),
      timeSeries({
        title: 'Burn rate',
        description: `1 uses up the budget exactly in ${window}. An alert fires while the window of a line is above its factor: ${burnRules(slo).map(ruleText).join('; ')}.`,
        unit: units.Short,
        min: 0,
        source,
        span: 12,
        lines: true,
        thresholds: factorLines(slo),
        targets: queries.burnRates.map(({ query, windowMs, factor }) =>
          promql(query, `${windowName(windowMs)} (alert at ${factor})`),
        ),
      }),
      timeSeries({
        title: 'Budget left over time',
        description: `The budget of the last ${window} at each moment: it comes back as bad requests get older than that. 100 % is ${percent(1 - slo.target)} of the requests.`,
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

/** Every SLO of the project: the same figures as the alerts. */
export function sloDashboard(context: DashboardContext): BuiltDashboard {
  const { project, slos } = context;
  return buildDashboard({
    name: 'slo',
    uid: stableUid(project, 'slo'),
    title: `${project}: SLO`,
    description: 'The SLOs of mlops.yaml, from the counters mlops_slo_requests_total and mlops_slo_good_total.',
    project,
    from: 'now-24h',
    variables: [
      ...scrapeVariables(project, serving.sloRequests, context),
      recordedVariable(budgetRemaining, project, inNamespace),
    ],
    rows: slos.map((slo) => sloRow(slo, project)),
  });
}
