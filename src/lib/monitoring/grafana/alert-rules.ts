import * as alerting from '@grafana/grafana-foundation-sdk/alerting';
import * as expr from '@grafana/grafana-foundation-sdk/expr';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { type BurnRule, burnRules, type Severity } from '../../slo/burn-rate.js';
import { badRatio, type LabelMatcher, selector } from '../../slo/compile/promql.js';
import { windowName } from '../../slo/compile/windows.js';
import { errorBudget } from '../../slo/error-budget.js';
import type { Slo } from '../../slo/types.js';
import { stableUid } from '../dashboards/context.js';
import { serving } from '../metric-names.js';

export interface AlertRulesOptions {
  readonly project: string;
  readonly slos: readonly Slo[];
  /** The label `job` of the scrape. */
  readonly job: string;
  /** Who is told of a severity; where it is nobody, the notification policies of Grafana decide. */
  readonly contactPoint: (severity: Severity) => string | undefined;
}

/** How far back an instant query may look for its latest sample, in seconds. */
const lookBackS = 600;
const expressions = '__expr__';

/**
 * Alert rules of Grafana from the same table of burn rates as all other targets: one for each pair of windows, and one for
 * counters that are not there, because then no burn rate can be seen.
 */
export function alertRulesDocument(options: AlertRulesOptions): object {
  const { project, slos } = options;
  return {
    apiVersion: 1,
    groups: slos.map((slo) => ({
      orgId: 1,
      name: `slo-${slo.name}`,
      folder: project,
      interval: '1m',
      rules: [...burnRules(slo).map((rule) => burnAlert(slo, rule, options)), absentAlert(slo, options)].map(ofFile),
    })),
  };
}

function burnAlert(slo: Slo, rule: BurnRule, options: AlertRulesOptions): alerting.Rule {
  const [long, short] = [windowName(rule.longMs), windowName(rule.shortMs)];
  const burn = (window: string) => `${badRatio(counters(slo, options), window)} / ${errorBudget(slo)}`;
  const share = Number((rule.budgetShare * 100).toPrecision(4));
  return base(slo, `${slo.name}: budget burns ${rule.factor} times too fast (${long})`, rule.severity, options)
    .uid(stableUid(options.project, `${slo.name}-burn-${long}`))
    .withQuery(query('A', burn(long), options.project))
    .withQuery(query('B', burn(short), options.project))
    .withQuery(math('C', `$A > ${rule.factor} && $B > ${rule.factor}`))
    .condition('C')
    .forDuration('0s')
    .annotations({
      summary: `${options.project}: the error budget of ${slo.name} burns too fast`,
      description: `Over ${long} it burns {{ printf "%.1f" $values.A.Value }} times as fast as it may, over ${short} {{ printf "%.1f" $values.B.Value }} times. ${long} at ${rule.factor} times use up ${share} % of it.`,
    })
    .build();
}

function absentAlert(slo: Slo, options: AlertRulesOptions): alerting.Rule {
  return base(slo, `${slo.name}: no numbers`, 'ticket', options)
    .uid(stableUid(options.project, `${slo.name}-absent`))
    .withQuery(query('A', `absent(${serving.sloRequests}${selector(counters(slo, options))})`, options.project))
    .withQuery(math('B', '$A > 0'))
    .condition('B')
    .forDuration('10m')
    .annotations({
      summary: `${options.project}: the SLO ${slo.name} has no numbers`,
      description: `No server of job ${options.job} is scraped that reports ${serving.sloRequests} for it.`,
    })
    .build();
}

function base(slo: Slo, title: string, severity: Severity, options: AlertRulesOptions): alerting.RuleBuilder {
  const rule = new alerting.RuleBuilder(title)
    // An idle service has no ratio: that is no alert. A query that fails is one.
    .noDataState('OK')
    .execErrState('Error')
    .labels({ severity, slo: slo.name, service: options.project });
  const contactPoint = options.contactPoint(severity);
  if (contactPoint === undefined) return rule;
  return rule.notificationSettings(
    new alerting.NotificationSettingsBuilder().receiver(contactPoint).groupBy(['grafana_folder', 'alertname', 'slo']),
  );
}

function query(refId: string, promql: string, project: string): alerting.QueryBuilder {
  const model = new prometheus.DataqueryBuilder()
    .refId(refId)
    .expr(promql)
    .instant()
    .editorMode(prometheus.QueryEditorMode.Code);
  return new alerting.QueryBuilder(refId)
    .datasourceUid(stableUid(project, 'prometheus'))
    .relativeTimeRange({ from: lookBackS, to: 0 })
    .model(model);
}

function math(refId: string, formula: string): alerting.QueryBuilder {
  const model = new expr.TypeMathBuilder()
    .refId(refId)
    .expression(formula)
    .datasource({ type: expressions, uid: expressions });
  return new alerting.QueryBuilder(refId).datasourceUid(expressions).relativeTimeRange({ from: 0, to: 0 }).model(model);
}

function counters(slo: Slo, { job }: AlertRulesOptions): LabelMatcher[] {
  return [
    { label: 'job', value: job },
    { label: 'slo', value: slo.name },
  ];
}

/** In a file, folder, group and organisation stand above the rule. */
function ofFile(rule: alerting.Rule): object {
  const { folderUID, ruleGroup, orgID, for: pending, ...rest } = rule;
  return { ...rest, for: pending };
}
