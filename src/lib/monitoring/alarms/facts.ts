import { mlopsNamespace, pipelineMetrics } from '../../base/pipeline-metrics.js';
import { textOutput } from '../../project/provisioned.js';
import { readSloSite } from '../../project/slo-site.js';
import { projectSlos } from '../../project/slos.js';
import { sloRequests } from '../../slo/metrics.js';
import { sloSources } from '../../slo/sources.js';
import { containerInsights } from '../metric-names.js';
import type { WatchedCluster } from './groups/eks.js';
import type { WatchedFunction } from './groups/lambda.js';
import type { WatchedSlos } from './groups/slo.js';
import type { Made } from './groups/types.js';
import { loadMetrics, type WatchedWarehouse } from './groups/warehouse.js';
import type { Existing } from './ownership.js';
import type { Site } from './site.js';

/** What there is to watch. */
export interface Facts {
  readonly functions: readonly WatchedFunction[];
  readonly queues: { readonly recordings: string | undefined; readonly deadLetter: string | undefined };
  readonly cluster: WatchedCluster | undefined;
  readonly warehouse: WatchedWarehouse;
  readonly slos: WatchedSlos;
  readonly made: Made;
}

/** Lambda's longest, and what the Terraform files say unless told otherwise. */
const defaultTimeoutSeconds = 900;
const loadSuffix = '-load';

/**
 * Reads what was provisioned and what is deployed. CloudWatch is asked about what that does not tell: a cluster that others
 * made, and metrics of our own, which exist from their first value on.
 */
export async function gatherFacts(site: Site, { owned }: Existing): Promise<Facts> {
  const { outputs } = site;
  const functions = functionsOf(site);
  return {
    functions,
    queues: {
      recordings: lastPart(textOutput(outputs, 'queue_url')),
      deadLetter: lastPart(textOutput(outputs, 'dead_letter_queue_url')),
    },
    cluster: await clusterOf(site),
    warehouse: await warehouseOf(site, functions),
    slos: await slosOf(site),
    made: new Set(owned.map(({ input }) => input.AlarmName)),
  };
}

async function warehouseOf(
  { outputs, name, aws }: Site,
  functions: readonly WatchedFunction[],
): Promise<WatchedWarehouse> {
  const hasLoadFunction = functions.some(({ suffix }) => suffix === loadSuffix);
  const hasWarehouse = ['warehouse_workgroup', 'warehouse_cluster'].some(
    (key) => textOutput(outputs, key) !== undefined,
  );
  const metrics = new Set<string>();
  for (const metric of hasLoadFunction && hasWarehouse ? loadMetrics : []) {
    const dimensions = { [pipelineMetrics.dimension]: name };
    if (await aws.cloudwatch.hasMetric({ namespace: mlopsNamespace, name: metric, dimensions })) metrics.add(metric);
  }
  return { hasLoadFunction, hasWarehouse, metrics };
}

async function slosOf({ project, aws }: Site): Promise<WatchedSlos> {
  const site = await readSloSite(project);
  const { cloudwatch } = sloSources(site);
  const { alarms } = project.config;
  const counted = new Set<string>();
  if (!cloudwatch.available || alarms?.slo === false) return { site, counted };
  const { namespace, dimensions } = cloudwatch.source;
  for (const { name: slo } of projectSlos(project.config)) {
    const metric = { namespace, name: sloRequests, dimensions: { ...dimensions, slo } };
    if (await aws.cloudwatch.hasMetric(metric)) counted.add(slo);
  }
  return { site, counted };
}

function functionsOf({ outputs, project }: Site): WatchedFunction[] {
  const variables = project.config.infrastructure?.variables ?? {};
  const timeouts = outputs.function_timeout_seconds as Record<string, unknown> | null | undefined;
  const watched = (kind: 'transcribe' | 'load', suffix: string): WatchedFunction[] => {
    const name = textOutput(outputs, `${kind}_function_name`);
    const known = timeouts?.[kind] ?? variables[`${kind}_timeout_seconds`];
    const timeoutSeconds = typeof known === 'number' ? known : defaultTimeoutSeconds;
    return name === undefined ? [] : [{ name, suffix, timeoutSeconds }];
  };
  return [...watched('transcribe', ''), ...watched('load', loadSuffix)];
}

async function clusterOf({ outputs, project, aws }: Site): Promise<WatchedCluster | undefined> {
  const { deploy, name: workload } = project.config;
  const provisioned = textOutput(outputs, 'eks_cluster_name');
  const name = (deploy?.target === 'gke' ? undefined : deploy?.cluster) ?? provisioned;
  if (name === undefined) return undefined;
  // One that only enhanced observability sends. The Terraform files install it together with the cluster.
  const { namespace, podRunning, cluster } = containerInsights;
  const hasInsights =
    name === provisioned ||
    (await aws.cloudwatch.hasMetric({ namespace, name: podRunning, dimensions: { [cluster]: name } }));
  return { name, namespace: deploy?.namespace ?? 'default', workload, hasInsights };
}

/** `https://sqs.us-east-1.amazonaws.com/123456789012/demo-recordings` -> `demo-recordings` */
function lastPart(url: string | undefined): string | undefined {
  return url?.split('/').at(-1);
}
