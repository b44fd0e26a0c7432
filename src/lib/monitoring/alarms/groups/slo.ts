import { UsageError } from '../../../base/errors/mlops-error.js';
import { cloudWatchAlarms, noServerAlarm } from '../../../slo/compile/cloudwatch.js';
import { sloRequests } from '../../../slo/metrics.js';
import { type SloSite, sloSources } from '../../../slo/sources.js';
import type { Slo } from '../../../slo/types.js';
import type { GroupPlan, Made, WantedAlarm } from './types.js';

export interface WatchedSlos {
  readonly site: SloSite;
  /** Names of the SLOs whose counter CloudWatch has. */
  readonly counted: ReadonlySet<string>;
}

/**
 * Burn-rate alarms of the SLOs, joined by a composite for each severity. An SLO whose counter has never reached CloudWatch
 * has none: manifests that switch the agent on are no proof that it sends. Throws UsageError `SLO_UNKNOWN` for a name in
 * `only` that no SLO has.
 */
export function sloAlarms(
  { site, counted }: WatchedSlos,
  slos: readonly Slo[],
  only: readonly string[] | undefined,
  made: Made,
): GroupPlan {
  const unknown = only?.filter((name) => !slos.some((slo) => slo.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new UsageError(`alarms.slo names ${unknown.join(', ')}, and there is no such SLO`, {
      code: 'SLO_UNKNOWN',
      why: `Known: ${slos.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  const { cloudwatch } = sloSources(site);
  if (!cloudwatch.available) return cloudwatch;
  const plans = slos
    .filter(({ name }) => only?.includes(name) ?? true)
    .map((slo) => ({ slo, alarms: alarmsOf(slo, { ...cloudwatch.source, project: site.name }) }));
  const hasSource = ({ slo, alarms }: (typeof plans)[number]) =>
    counted.has(slo.name) || alarms.some(({ input }) => made.has(input.AlarmName));
  const watched = plans.filter(hasSource);
  const noServer = (): WantedAlarm => {
    const own = watched.map(({ slo }) => slo);
    const input = noServerAlarm(own, { ...cloudwatch.source, project: site.name });
    return { kind: 'metric', severity: 'page', input };
  };
  const alarms = watched.length === 0 ? [] : [noServer(), ...watched.flatMap((plan) => plan.alarms)];
  const without = plans.filter((plan) => !hasSource(plan)).map(({ slo }) => slo.name);
  if (without.length === 0) return { available: true, alarms };
  const { namespace, dimensions } = cloudwatch.source;
  const place = Object.entries(dimensions).map(([name, value]) => `${name} ${value}`);
  return {
    available: false,
    alarms,
    why: `The metric does not exist yet: CloudWatch has no ${sloRequests} in ${namespace} of ${without.join(', ')} (${place.join(', ')}).`,
    actions: [
      'mlops deploy --target eks, which brings the CloudWatch agent and servers that count these SLOs',
      `kubectl logs deployment/${site.name}-cloudwatch-agent --namespace ${dimensions.Namespace} tells what it cannot do`,
      'mlops alarms apply once more, some 15 minutes after the first scrape',
    ],
  };
}

function alarmsOf(slo: Slo, options: Parameters<typeof cloudWatchAlarms>[1]): WantedAlarm[] {
  const { alarms, composites } = cloudWatchAlarms(slo, options);
  return [
    // They notify through a composite.
    ...alarms.map((input) => ({ kind: 'metric', severity: undefined, input }) as const),
    ...composites.map(({ severity, input }) => ({ kind: 'composite', severity, input }) as const),
  ];
}
