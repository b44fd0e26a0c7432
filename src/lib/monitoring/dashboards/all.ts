import type { AwsNames, DashboardContext } from './context.js';
import type { BuiltDashboard } from './dashboard.js';
import { eksDashboard } from './eks.js';
import { lambdaDashboard } from './lambda.js';
import { pipelineDashboard } from './pipeline.js';
import { serviceDashboard } from './service.js';
import { sloDashboard } from './slo.js';

/** Every dashboard whose numbers have a source: without AWS there is nothing in CloudWatch. */
export function buildDashboards(context: DashboardContext): BuiltDashboard[] {
  const { aws } = context;
  return [
    serviceDashboard(context),
    ...(context.slos.length > 0 ? [sloDashboard(context)] : []),
    ...(aws === undefined ? [] : awsDashboards({ ...context, aws })),
  ];
}

function awsDashboards(context: DashboardContext & { readonly aws: AwsNames }): BuiltDashboard[] {
  return [eksDashboard(context), lambdaDashboard(context), pipelineDashboard(context)];
}
