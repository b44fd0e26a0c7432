import * as units from '@grafana/grafana-foundation-sdk/units';
import { containerInsights as ci, serving } from '../metric-names.js';
import { type AwsNames, type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { figure, timeSeries } from './panels.js';
import { selected } from './service-queries.js';
import { metric, metricsSql, promql, type Target } from './targets.js';
import { datasourceVariable, dimensionVariable, scrapeVariables } from './variables.js';

const source = 'cloudwatch';
const cluster = { [ci.cluster]: '$cluster' };
const byNode = { ...cluster, InstanceId: '*', NodeName: '*' };
const byNamespace = { ...cluster, Namespace: '*' };
const insights = 'Container Insights';

/** Each pod sends one 1 or 0 a minute, so their sum is a number of pods only over one minute. */
const podPeriodS = 60;

/** A metric of the whole cluster as it is now. */
const ofCluster = (name: string, statistic: string, label: string, periodS?: number): Target =>
  metric(
    { namespace: ci.namespace, name, dimensions: cluster, statistic, ...(periodS === undefined ? {} : { periodS }) },
    label,
  );

const perNode = (name: string): Target =>
  metric({ namespace: ci.namespace, name, dimensions: byNode, statistic: 'Average' }, `\${PROP('Dim.NodeName')}`);

const perNamespace = (name: string, statistic: string): Target =>
  metric({ namespace: ci.namespace, name, dimensions: byNamespace, statistic }, `\${PROP('Dim.Namespace')}`);

const podsOf = (name: string, state: string): Target =>
  metricsSql(
    `SELECT SUM(${name}) FROM SCHEMA("${ci.namespace}", ${ci.cluster}, Namespace, PodName) WHERE ${ci.cluster} = '$cluster' GROUP BY Namespace`,
    `${state} \${LABEL}`,
    podPeriodS,
  );

const overview: Row = {
  title: 'Cluster',
  panels: [
    figure({
      title: 'Nodes',
      description: `Nodes of the cluster. Source: ${insights}.`,
      unit: units.Short,
      source,
      span: 6,
      targets: [ofCluster(ci.nodes, 'Average', 'nodes')],
    }),
    figure({
      title: 'Failed nodes',
      description: `Nodes with a condition that keeps pods away. Source: ${insights}.`,
      unit: units.Short,
      source,
      span: 6,
      thresholds: [{ colour: 'green' }, { from: 1, colour: 'red' }],
      targets: [ofCluster(ci.failedNodes, 'Maximum', 'failed')],
    }),
    figure({
      title: 'Pods that do not run',
      description: `Pods pending, failed or in an unknown state, over the last minute. Source: ${insights}.`,
      unit: units.Short,
      source,
      span: 6,
      thresholds: [{ colour: 'green' }, { from: 1, colour: 'yellow' }],
      targets: [
        ofCluster(ci.podPending, 'Sum', 'pending', podPeriodS),
        ofCluster(ci.podFailed, 'Sum', 'failed', podPeriodS),
        ofCluster(ci.podUnknown, 'Sum', 'unknown', podPeriodS),
      ],
    }),
    figure({
      title: 'Restarts',
      description: `Container restarts in the time shown, all pods together. Source: ${insights}.`,
      unit: units.Short,
      source,
      span: 6,
      // The agent sends the restarts since it last looked, so they add up over any period.
      reduce: 'sum',
      thresholds: [{ colour: 'green' }, { from: 1, colour: 'red' }],
      targets: [ofCluster(ci.podRestarts, 'Sum', 'restarts')],
    }),
  ],
};

const percent = { unit: units.Percent, source, min: 0, max: 100, lines: true, span: 8 } as const;
const hot = (from: number) => [{ colour: 'transparent' }, { from, colour: 'red' }] as const;

const nodes: Row = {
  title: 'Nodes',
  panels: [
    timeSeries({
      ...percent,
      title: 'CPU by node',
      description: `Share of the CPU of each node that is used. Source: ${insights}.`,
      thresholds: hot(80),
      targets: [perNode(ci.nodeCpu)],
    }),
    timeSeries({
      ...percent,
      title: 'Memory by node',
      description: `Share of the memory of each node that is used: the kubelet evicts pods when little is left. Source: ${insights}.`,
      thresholds: hot(80),
      targets: [perNode(ci.nodeMemory)],
    }),
    timeSeries({
      ...percent,
      title: 'Disk by node',
      description: `Share of the file systems of each node that is used. Source: ${insights}.`,
      thresholds: hot(85),
      targets: [perNode(ci.nodeFilesystem)],
    }),
  ],
};

const pods: Row = {
  title: 'Pods',
  panels: [
    timeSeries({
      title: 'Running by namespace',
      description: `Source: ${insights}.`,
      unit: units.Short,
      min: 0,
      source,
      span: 8,
      stacked: true,
      targets: [perNamespace(ci.runningPods, 'Average')],
    }),
    timeSeries({
      title: 'Not running, by state and namespace',
      description: `Pending for long: no node has room. Metrics Insights reaches back two weeks. Source: ${insights}.`,
      unit: units.Short,
      min: 0,
      source,
      span: 8,
      targets: [podsOf(ci.podPending, 'pending'), podsOf(ci.podFailed, 'failed'), podsOf(ci.podUnknown, 'unknown')],
    }),
    timeSeries({
      title: 'By state',
      description: `All namespaces together. Source: ${insights}.`,
      unit: units.Short,
      min: 0,
      source,
      span: 8,
      targets: [
        ofCluster(ci.podRunning, 'Sum', 'running', podPeriodS),
        ofCluster(ci.podPending, 'Sum', 'pending', podPeriodS),
        ofCluster(ci.podFailed, 'Sum', 'failed', podPeriodS),
        ofCluster(ci.podUnknown, 'Sum', 'unknown', podPeriodS),
        ofCluster(ci.podSucceeded, 'Sum', 'succeeded', podPeriodS),
      ],
    }),
  ],
};

const network: Row = {
  title: 'Network and requests',
  panels: [
    timeSeries({
      title: 'Network in',
      description: `Bytes that the pods of a namespace receive, on average for each pod. Source: ${insights}.`,
      unit: units.BytesPerSecondIEC,
      min: 0,
      source,
      span: 8,
      targets: [perNamespace(ci.podReceived, 'Average')],
    }),
    timeSeries({
      title: 'Network out',
      description: `Bytes that the pods of a namespace send, on average for each pod. Source: ${insights}.`,
      unit: units.BytesPerSecondIEC,
      min: 0,
      source,
      span: 8,
      targets: [perNamespace(ci.podSent, 'Average')],
    }),
    timeSeries({
      title: 'HTTP requests',
      description:
        'Requests to the pods of mlops serve by route and status code. Source: its own counters in Prometheus. It speaks no gRPC, so there is nothing to show of that.',
      unit: units.RequestsPerSecond,
      min: 0,
      source: 'prometheus',
      span: 8,
      stacked: true,
      targets: [
        promql(
          `sum by (route, code) (rate(${serving.requests}{${selected}}[$__rate_interval])) > 0`,
          '{{route}} {{code}}',
        ),
      ],
    }),
  ],
};

/** The cluster beneath the service. */
export function eksDashboard(context: DashboardContext & { readonly aws: AwsNames }): BuiltDashboard {
  const { project, aws } = context;
  return buildDashboard({
    name: 'eks',
    uid: stableUid(project, 'eks'),
    title: `${project}: EKS`,
    description:
      'Nodes, pods and network by Container Insights (add-on amazon-cloudwatch-observability); HTTP requests by Prometheus.',
    project,
    from: 'now-3h',
    variables: [
      datasourceVariable('cloudwatch', stableUid(project, 'cloudwatch')),
      dimensionVariable({
        name: 'cluster',
        label: 'Cluster',
        namespace: ci.namespace,
        metric: ci.nodes,
        dimension: ci.cluster,
        value: aws.cluster,
      }),
      // One Prometheus scrapes many services of a cluster.
      ...scrapeVariables(project, serving.modelInfo, context),
    ],
    rows: [overview, nodes, pods, network],
  });
}
