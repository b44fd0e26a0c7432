import type { AwsNames, DashboardContext } from './context.js';
import type { BuiltDashboard } from './dashboard.js';
import { eksDashboard } from './eks.js';
import { lambdaDashboard } from './lambda.js';
import { pipelineDashboard } from './pipeline.js';
import { serviceDashboard } from './service.js';
import { sloDashboard } from './slo.js';
import { sloCloudWatchDashboard } from './slo-cloudwatch.js';

/** Every dashboard whose numbers have a source: without AWS there is nothing in CloudWatch. */
export function buildDashboards(context: DashboardContext): BuiltDashboard[] {
  const { aws, slos, sloCounters } = context;
  return [
    serviceDashboard(context),
    ...(slos.length > 0 ? [sloDashboard(context)] : []),
    ...(slos.length > 0 && sloCounters !== undefined ? [sloCloudWatchDashboard(context, sloCounters)] : []),
    ...(aws === undefined ? [] : awsDashboards({ ...context, aws })),
  ];
}

function awsDashboards(context: DashboardContext & { readonly aws: AwsNames }): BuiltDashboard[] {
  return [eksDashboard(context), lambdaDashboard(context), pipelineDashboard(context)];
}
