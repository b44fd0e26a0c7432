import * as alerting from '@grafana/grafana-foundation-sdk/alerting';
import * as expr from '@grafana/grafana-foundation-sdk/expr';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { type BurnRule, burnRules, type Severity } from '../../slo/burn-rate.js';
import { atLeast, bad, badRatio, type LabelMatcher, type Scrape, scrapeMatchers } from '../../slo/compile/promql.js';
import { recorderLabels } from '../../slo/compile/rules-file.js';
import { noServer, type ServersAlert, someServers, uncounted } from '../../slo/compile/servers.js';
import { windowName } from '../../slo/compile/windows.js';
import { errorBudget } from '../../slo/error-budget.js';
import type { Slo } from '../../slo/types.js';
import { shortDigest, stableUid } from '../dashboards/context.js';

export interface AlertRulesOptions extends Scrape {
  readonly project: string;
  readonly slos: readonly Slo[];
  /** Who is told of a severity; where it is nobody, the notification policies of Grafana decide. */
  readonly contactPoint: ((severity: Severity) => string | undefined) | undefined;
}

/** How far back an instant query may look for its latest sample, in seconds. */
const lookBackS = 600;
const expressions = '__expr__';
/** How many servers are down, in a template of Grafana's. */
const down = '{{ printf "%.0f" $values.A.Value }}';

/**
 * Alert rules of Grafana from the same table of burn rates as all other targets: one for each pair of windows; and those for
 * servers that are down or do not count, because then no burn rate can be seen.
 */
export function alertRulesDocument(options: AlertRulesOptions): object {
  const { project, slos } = options;
  const group = (name: string, rules: readonly alerting.Rule[]) => ({
    orgId: 1,
    name: name + scopeOf(options).words,
    folder: project,
    interval: '1m',
    rules: rules.map(ofFile),
  });
  return {
    apiVersion: 1,
    groups: [
      group('servers', [
        serversAlert({ title: 'no server answers', uid: 'no-server' }, noServer(options), options),
        serversAlert({ title: 'servers are down', uid: 'servers-down' }, someServers(options, down), options),
      ]),
      ...slos.map((slo) =>
        group(`slo-${slo.name}`, [
          ...burnRules(slo).map((rule) => burnAlert(slo, rule, options)),
          serversAlert(
            { title: `${slo.name}: no numbers`, uid: `${slo.name}-absent`, slo: slo.name },
            uncounted(slo, options),
            options,
          ),
        ]),
      ),
    ],
  };
}

/** What Kubernetes calls the namespace of whoever names none. */
const unnamed = 'default';

/**
 * Where the servers are, as far as it has to be said: one Grafana may have rules for a project in several namespaces, and there
 * a uid is one of its organisation, a title and a group one of their folder. Neither names nor namespaces have underscores.
 */
function scopeOf({ namespace }: Scrape): { readonly uid: string; readonly words: string } {
  if (namespace === undefined || namespace === unnamed) return { uid: '', words: '' };
  // A label of a scrape may hold anything, a uid and the name of a file not.
  const safe = /^[a-z0-9-]{1,63}$/.test(namespace) ? namespace : shortDigest(namespace);
  return { uid: `_${safe}`, words: ` in ${namespace}` };
}

function ruleUid(options: AlertRulesOptions, part: string): string {
  return stableUid(`${options.project}${scopeOf(options).uid}`, part);
}

/** Of the file that the rules are in, so that those of several namespaces can lie side by side. */
export function rulesFileName({ project, ...scrape }: Scrape & { readonly project: string }): string {
  return `${project}${scopeOf(scrape).uid}`;
}

function burnAlert(slo: Slo, rule: BurnRule, options: AlertRulesOptions): alerting.Rule {
  const [long, short] = [windowName(rule.longMs), windowName(rule.shortMs)];
  const burn = (window: string) => `${badRatio(counters(slo, options), window)} / ${errorBudget(slo)}`;
  const share = Number((rule.budgetShare * 100).toPrecision(4));
  const title = `${slo.name}: budget burns ${rule.factor} times too fast (${long})`;
  return base(title, { severity: rule.severity, slo: slo.name }, options)
    .uid(ruleUid(options, `${slo.name}-burn-${long}`))
    .withQuery(query('A', burn(long), options.project))
    .withQuery(query('B', burn(short), options.project))
    .withQuery(query('C', bad(counters(slo, options), long), options.project))
    .withQuery(math('D', `$A > ${rule.factor} && $B > ${rule.factor} && $C > ${atLeast(rule.minBadRequests)}`))
    .condition('D')
    .forDuration('0s')
    .annotations({
      summary: `${options.project}: the error budget of ${slo.name} burns too fast`,
      description: `Over ${long} it burns {{ printf "%.1f" $values.A.Value }} times as fast as it may, over ${short} {{ printf "%.1f" $values.B.Value }} times. ${long} at ${rule.factor} times use up ${share} % of it.`,
    })
    .build();
}

/** Fires while there is a sample above 0. */
function serversAlert(
  names: { readonly title: string; readonly uid: string; readonly slo?: string },
  { expression, forMs, severity, summary, description }: ServersAlert,
  options: AlertRulesOptions,
): alerting.Rule {
  const { title, uid, ...labels } = names;
  return base(title, { severity, ...labels }, options)
    .uid(ruleUid(options, uid))
    .withQuery(query('A', expression, options.project))
    .withQuery(math('B', '$A > 0'))
    .condition('B')
    .forDuration(windowName(forMs))
    .annotations({ summary, description })
    .build();
}

function base(
  title: string,
  labels: { readonly severity: Severity; readonly slo?: string },
  options: AlertRulesOptions,
): alerting.RuleBuilder {
  const rule = new alerting.RuleBuilder(title + scopeOf(options).words)
    // An idle service has no ratio: that is no alert. A query that fails is one.
    .noDataState('OK')
    .execErrState('Error')
    .labels({ ...labels, ...recorderLabels(options) });
  const contactPoint = options.contactPoint?.(labels.severity);
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

function counters(slo: Slo, options: AlertRulesOptions): LabelMatcher[] {
  return [...scrapeMatchers(options), { label: 'slo', value: slo.name }];
}

/** In a file, folder, group and organisation stand above the rule. */
function ofFile(rule: alerting.Rule): object {
  const { folderUID, ruleGroup, orgID, for: pending, ...rest } = rule;
  return { ...rest, for: pending };
}
