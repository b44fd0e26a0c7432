import { mlopsNamespace, pipelineMetrics } from '../../../base/pipeline-metrics.js';
import { thresholdAlarm } from './threshold.js';
import type { GroupPlan, Made } from './types.js';

export interface WatchedWarehouse {
  readonly hasLoadFunction: boolean;
  readonly hasWarehouse: boolean;
  /** Those of `loadMetrics` that CloudWatch has of this project. */
  readonly metrics: ReadonlySet<string>;
}

const watched = [
  {
    suffix: 'WarehouseLoadAlarm',
    metric: pipelineMetrics.loadsFailed,
    description: 'A load into Redshift failed at least once in 5 minutes. See: mlops logs --service lambda --errors',
  },
  {
    suffix: 'WarehouseRefusedAlarm',
    metric: pipelineMetrics.loadsRefused,
    description:
      'A result is no record and was set aside: it is not in the table. Which and why: mlops logs --service lambda, and loaded/ in the bucket',
  },
] as const;

/** What the alarms of this group are made on. */
export const loadMetrics: readonly string[] = watched.map(({ metric }) => metric);

/** Loads into Redshift that failed, and results that were set aside, as the load function counts them. */
export function warehouseAlarms(project: string, facts: WatchedWarehouse, made: Made): GroupPlan {
  if (!facts.hasLoadFunction || !facts.hasWarehouse) {
    const what = facts.hasWarehouse ? 'no load function' : 'no warehouse';
    return {
      available: false,
      why: `The load function counts failed loads, and the infrastructure has ${what}.`,
      actions: [
        'mlops provision, with infrastructure: { features: { pipeline: true, warehouse: true } } and an image of the functions',
      ],
    };
  }
  const known = watched.filter(({ suffix, metric }) => facts.metrics.has(metric) || made.has(`${project}-${suffix}`));
  if (known.length === 0) {
    const metric = `${pipelineMetrics.loadsFailed} in ${mlopsNamespace}, ${pipelineMetrics.dimension} ${project}`;
    return {
      available: false,
      why: `The metric does not exist yet: CloudWatch has no ${metric}. The load function writes it at every run.`,
      actions: ['mlops alarms apply once more, some 15 minutes after its first run'],
    };
  }
  return {
    available: true,
    alarms: known.map(({ suffix, metric, description }) =>
      thresholdAlarm({
        ...{ name: `${project}-${suffix}`, description, namespace: mlopsNamespace, metric },
        dimensions: { [pipelineMetrics.dimension]: project },
        statistic: 'Sum',
        above: 0,
        periods: 1,
        missing: 'notBreaching',
      }),
    ),
  };
}
