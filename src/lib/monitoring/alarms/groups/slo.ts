import { UsageError } from '../../../base/errors/mlops-error.js';
import { cloudWatchAlarms } from '../../../slo/compile/cloudwatch.js';
import { type SloSite, sloSources } from '../../../slo/sources.js';
import type { Slo } from '../../../slo/types.js';
import type { GroupPlan, WantedAlarm } from './types.js';

/**
 * Burn-rate alarms of the SLOs, joined by a composite for each severity. Throws UsageError `SLO_UNKNOWN` for a name in
 * `only` that no SLO has.
 */
export function sloAlarms(site: SloSite, slos: readonly Slo[], only: readonly string[] | undefined): GroupPlan {
  const unknown = only?.filter((name) => !slos.some((slo) => slo.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new UsageError(`alarms.slo names ${unknown.join(', ')}, and there is no such SLO`, {
      code: 'SLO_UNKNOWN',
      why: `Known: ${slos.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  const { cloudwatch } = sloSources(site);
  if (!cloudwatch.available) return cloudwatch;
  const watched = slos.filter(({ name }) => only?.includes(name) ?? true);
  return {
    available: true,
    alarms: watched.flatMap((slo): WantedAlarm[] => {
      const { alarms, composites } = cloudWatchAlarms(slo, { ...cloudwatch.source, project: site.name });
      return [
        ...alarms.map((input) => ({ kind: 'metric', notifies: false, input }) as const),
        ...composites.map(({ input }) => ({ kind: 'composite', notifies: true, input }) as const),
      ];
    }),
  };
}
