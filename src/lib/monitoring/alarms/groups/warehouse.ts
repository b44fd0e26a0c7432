import { mlopsNamespace, pipeline } from '../../metric-names.js';
import { thresholdAlarm } from './threshold.js';
import type { GroupPlan } from './types.js';

/** Loads into Redshift that failed, as the load function counts them. */
export function warehouseAlarms(
  project: string,
  facts: { readonly hasLoadFunction: boolean; readonly hasWarehouse: boolean },
): GroupPlan {
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
  return {
    available: true,
    alarms: [
      thresholdAlarm({
        name: `${project}-WarehouseLoadAlarm`,
        description:
          'A load into Redshift failed at least once in 5 minutes. See: mlops logs --service lambda --errors',
        namespace: mlopsNamespace,
        metric: pipeline.loadsFailed,
        dimensions: { [pipeline.dimension]: project },
        statistic: 'Sum',
        above: 0,
        periods: 1,
        missing: 'notBreaching',
      }),
    ],
  };
}
