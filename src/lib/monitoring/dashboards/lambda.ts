import * as units from '@grafana/grafana-foundation-sdk/units';
import { lambda } from '../metric-names.js';
import { type AwsNames, type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { countedSeries, figure, type Panel, timeSeries } from './panels.js';
import { metric, type Target } from './targets.js';
import { datasourceVariable, dimensionVariable } from './variables.js';

const source = 'cloudwatch';

const ofFunction = (name: string, statistic: string, label: string): Target =>
  metric({ namespace: lambda.namespace, name, dimensions: { [lambda.dimension]: '$function' }, statistic }, label);

const count = (title: string, name: string, description: string, bad: boolean): Panel =>
  figure({
    title,
    description,
    unit: units.Short,
    source,
    span: 6,
    graph: true,
    reduce: 'sum',
    ...(bad ? { thresholds: [{ colour: 'green' }, { from: 1, colour: 'red' }] as const } : {}),
    targets: [ofFunction(name, 'Sum', title.toLowerCase())],
  });

const counts: Row = {
  title: 'In the time shown',
  panels: [
    count('Invocations', lambda.invocations, 'Runs that began, errors included.', false),
    count('Errors', lambda.errors, 'Runs that threw, ran out of memory or out of time.', true),
    count(
      'Throttles',
      lambda.throttles,
      'Runs that were refused because the concurrency was used up: they are tried again.',
      true,
    ),
    figure({
      title: 'Duration, longest',
      description: 'The longest run. Compare it with the timeout of the function.',
      unit: units.Milliseconds,
      source,
      span: 6,
      graph: true,
      reduce: 'max',
      targets: [ofFunction(lambda.duration, 'Maximum', 'longest')],
    }),
  ],
};

const graphs: Row = {
  title: 'Over time',
  panels: [
    timeSeries({
      title: 'Duration',
      description: 'Time of a run, without the start of a new environment.',
      unit: units.Milliseconds,
      min: 0,
      source,
      span: 12,
      targets: [
        ofFunction(lambda.duration, 'p50', 'p50'),
        ofFunction(lambda.duration, 'p99', 'p99'),
        ofFunction(lambda.duration, 'Maximum', 'longest'),
      ],
    }),
    countedSeries({
      title: 'Invocations',
      description: 'Runs in each period.',
      unit: units.Short,
      source,
      span: 12,
      targets: [ofFunction(lambda.invocations, 'Sum', 'invocations')],
    }),
    countedSeries({
      title: 'Errors and throttles',
      description: 'What fails comes back from the queue, up to five times; then it is in the dead-letter queue.',
      unit: units.Short,
      source,
      span: 12,
      targets: [ofFunction(lambda.errors, 'Sum', 'errors'), ofFunction(lambda.throttles, 'Sum', 'throttles')],
    }),
    timeSeries({
      title: 'At the same time',
      description: 'Environments that work in parallel.',
      unit: units.Short,
      min: 0,
      source,
      span: 12,
      targets: [ofFunction(lambda.concurrent, 'Maximum', 'concurrent')],
    }),
  ],
};

/** The functions of the pipeline, one at a time. */
export function lambdaDashboard(context: DashboardContext & { readonly aws: AwsNames }): BuiltDashboard {
  const { project, aws } = context;
  return buildDashboard({
    name: 'lambda',
    uid: stableUid(project, 'lambda'),
    title: `${project}: Lambda`,
    description: 'Duration, errors, invocations and throttles of one function, by CloudWatch.',
    project,
    from: 'now-24h',
    variables: [
      datasourceVariable('cloudwatch', stableUid(project, 'cloudwatch')),
      dimensionVariable({
        name: 'function',
        label: 'Function',
        namespace: lambda.namespace,
        metric: lambda.invocations,
        dimension: lambda.dimension,
        value: aws.functions[0] ?? `${project}-transcribe`,
        regex: `/^${project}-/`,
      }),
    ],
    rows: [counts, graphs],
  });
}
