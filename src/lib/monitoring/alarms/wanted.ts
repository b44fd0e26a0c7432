import { UsageError } from '../../base/errors/mlops-error.js';
import type { AlarmInput } from '../../platform/aws/alarm-types.js';
import type { ProjectConfig } from '../../project/schema.js';
import { projectSlos } from '../../project/slos.js';
import type { Severity } from '../../slo/burn-rate.js';
import type { Facts } from './facts.js';
import { eksAlarms } from './groups/eks.js';
import { lambdaAlarms } from './groups/lambda.js';
import { queueAlarms } from './groups/queue.js';
import { sloAlarms } from './groups/slo.js';
import { type GroupName, type GroupPlan, groupNames, noAlarms, type WantedAlarm } from './groups/types.js';
import { warehouseAlarms } from './groups/warehouse.js';

/** A group that mlops.yaml does not mention and whose metrics nobody sends, or not all of them. */
export interface SkippedGroup {
  readonly group: GroupName;
  readonly why: string;
  readonly actions: readonly string[];
}

export interface Wanted {
  readonly alarms: readonly WantedAlarm[];
  readonly skipped: readonly SkippedGroup[];
}

/**
 * The alarms that mlops.yaml asks for. A group that is asked for and has no source is refused, all of them at once: an alarm
 * on a metric that nobody sends looks like one that watches. A group that is not mentioned is skipped then.
 * Throws UsageError `ALARM_WITHOUT_SOURCE`, for SLOs alone `SLO_NO_SOURCE`.
 */
export function wantedAlarms(config: ProjectConfig, facts: Facts): Wanted {
  const plans = groupNames.map((group) => ({ group, plan: planOf(group, config, facts) }));
  const asked = new Set(groupNames.filter((group) => isAsked(config.alarms?.[group])));
  const missing = plans.flatMap(({ group, plan }) =>
    plan.available ? [] : [{ group, why: plan.why, actions: plan.actions }],
  );
  const refused = missing.filter(({ group }) => asked.has(group));
  if (refused.length > 0) {
    const names = refused.map(({ group }) => `alarms.${group}`);
    throw new UsageError(`${names.join(' and ')} would watch metrics that nobody sends`, {
      code: refused.every(({ group }) => group === 'slo') ? 'SLO_NO_SOURCE' : 'ALARM_WITHOUT_SOURCE',
      why: refused.map(({ group, why }) => `${group}: ${why}`).join('\n'),
      actions: [
        ...refused.flatMap(({ actions }) => actions),
        `Or switch it off in mlops.yaml: ${refused[0]?.group}: false`,
      ],
    });
  }
  const alarms = plans.flatMap(({ plan }) => plan.alarms ?? []);
  return { alarms, skipped: missing };
}

/** The alarms with the topics that they publish to: the one of all that notify, and that of their severity if there is one. */
export function withActions(
  alarms: readonly WantedAlarm[],
  topics: { readonly all: string } & Readonly<Partial<Record<Severity, string>>>,
): AlarmInput[] {
  return alarms.map(({ kind, severity, input }): AlarmInput => {
    const own = severity === undefined ? undefined : topics[severity];
    const actions = severity === undefined ? [] : [topics.all, ...(own === undefined ? [] : [own])];
    const extra = { ActionsEnabled: severity !== undefined, AlarmActions: actions, OKActions: actions };
    return kind === 'metric' ? { kind, input: { ...input, ...extra } } : { kind, input: { ...input, ...extra } };
  });
}

function isAsked(setting: unknown): boolean {
  return setting !== undefined && setting !== false && !(Array.isArray(setting) && setting.length === 0);
}

/** With the severity that mlops.yaml gives the group, if it does. */
function planOf(group: GroupName, config: ProjectConfig, facts: Facts): GroupPlan {
  const setting = config.alarms?.[group];
  if (setting === false) return noAlarms;
  const plan = standardPlan(group, config, facts);
  const severity = typeof setting === 'object' && 'severity' in setting ? setting.severity : undefined;
  if (severity === undefined || !plan.available) return plan;
  return { ...plan, alarms: plan.alarms.map((alarm) => ({ ...alarm, severity })) };
}

function standardPlan(group: GroupName, config: ProjectConfig, facts: Facts): GroupPlan {
  const { name, alarms = {} } = config;
  switch (group) {
    case 'lambda':
      return lambdaAlarms(name, facts.functions, settings(alarms.lambda));
    case 'queue':
      return queueAlarms(name, facts.queues, settings(alarms.queue));
    case 'eks':
      return eksAlarms(name, facts.cluster, settings(alarms.eks), facts.made);
    case 'warehouse':
      return warehouseAlarms(name, facts.warehouse, facts.made);
    case 'slo':
      return sloAlarms(facts.slos, projectSlos(config), Array.isArray(alarms.slo) ? alarms.slo : undefined, facts.made);
  }
}

function settings<T extends object>(given: T | boolean | undefined): T | Record<string, never> {
  return typeof given === 'object' ? given : {};
}
