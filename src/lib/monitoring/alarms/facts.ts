import { textOutput } from '../../project/provisioned.js';
import { readSloSite } from '../../project/slo-site.js';
import type { SloSite } from '../../slo/sources.js';
import { containerInsights } from '../metric-names.js';
import type { WatchedCluster } from './groups/eks.js';
import type { WatchedFunction } from './groups/lambda.js';
import type { Site } from './site.js';

/** What there is to watch. */
export interface Facts {
  readonly functions: readonly WatchedFunction[];
  readonly queues: { readonly recordings: string | undefined; readonly deadLetter: string | undefined };
  readonly cluster: WatchedCluster | undefined;
  readonly hasWarehouse: boolean;
  readonly sloSite: SloSite;
}

/** Lambda's longest, and what the Terraform files say unless told otherwise. */
const defaultTimeoutSeconds = 900;

/** Reads what was provisioned and what is deployed; asks CloudWatch only about a cluster that others made. */
export async function gatherFacts(site: Site): Promise<Facts> {
  const { project, outputs } = site;
  const hasWarehouse = ['warehouse_workgroup', 'warehouse_cluster'].some(
    (key) => textOutput(outputs, key) !== undefined,
  );
  return {
    functions: functionsOf(site),
    queues: {
      recordings: lastPart(textOutput(outputs, 'queue_url')),
      deadLetter: lastPart(textOutput(outputs, 'dead_letter_queue_url')),
    },
    cluster: await clusterOf(site),
    hasWarehouse,
    sloSite: await readSloSite(project),
  };
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
  return [...watched('transcribe', ''), ...watched('load', '-load')];
}

async function clusterOf({ outputs, project, aws }: Site): Promise<WatchedCluster | undefined> {
  const { deploy, name: workload } = project.config;
  const provisioned = textOutput(outputs, 'eks_cluster_name');
  const name = (deploy?.target === 'gke' ? undefined : deploy?.cluster) ?? provisioned;
  if (name === undefined) return undefined;
  const { namespace, nodeCpu, cluster } = containerInsights;
  // The Terraform files install the add-on together with the cluster.
  const hasInsights =
    name === provisioned ||
    (await aws.cloudwatch.hasMetric({ namespace, name: nodeCpu, dimensions: { [cluster]: name } }));
  return { name, namespace: deploy?.namespace ?? 'default', workload, hasInsights };
}

/** `https://sqs.us-east-1.amazonaws.com/123456789012/demo-recordings` -> `demo-recordings` */
function lastPart(url: string | undefined): string | undefined {
  return url?.split('/').at(-1);
}
