import { mlopsNamespace, pipelineMetrics } from '../../../base/pipeline-metrics.js';
import { thresholdAlarm } from './threshold.js';
import type { GroupPlan, Made } from './types.js';

export interface WatchedWarehouse {
  readonly hasLoadFunction: boolean;
  readonly hasWarehouse: boolean;
  /** Whether CloudWatch has `LoadsFailed` of this project. */
  readonly hasMetric: boolean;
}

/** Loads into Redshift that failed, as the load function counts them. */
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
  const name = `${project}-WarehouseLoadAlarm`;
  if (!facts.hasMetric && !made.has(name)) {
    const metric = `${pipelineMetrics.loadsFailed} in ${mlopsNamespace}, ${pipelineMetrics.dimension} ${project}`;
    return {
      available: false,
      why: `The metric does not exist yet: CloudWatch has no ${metric}. The load function writes it at every load.`,
      actions: ['mlops alarms apply once more, some 15 minutes after the first load'],
    };
  }
  return {
    available: true,
    alarms: [
      thresholdAlarm({
        name,
        description:
          'A load into Redshift failed at least once in 5 minutes. See: mlops logs --service lambda --errors',
        namespace: mlopsNamespace,
        metric: pipelineMetrics.loadsFailed,
        dimensions: { [pipelineMetrics.dimension]: project },
        statistic: 'Sum',
        above: 0,
        periods: 1,
        missing: 'notBreaching',
      }),
    ],
  };
}
