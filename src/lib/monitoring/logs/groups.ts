import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { Project } from '../../project/project.js';
import { type Provisioned, readProvisioned, textOutput } from '../../project/provisioned.js';
import { podCondition } from './pods.js';

/** `serve`: what the servers log; `lambda`: the functions of the pipeline; `eks`: the cluster itself. */
export const logServices = ['serve', 'lambda', 'eks'] as const;
export type LogService = (typeof logServices)[number];

/** Insights searches at most 50 groups at once. */
export const mostGroups = 50;

/** Where to search. */
export interface LogSource {
  readonly groups: readonly string[];
  /** The condition of Logs Insights for the lines in them that are meant; undefined: all are. */
  readonly only: string | undefined;
}

/**
 * The log groups of the services of a project, as the Terraform files name them. Without `services` those of the servers and
 * the functions, as far as they are there. What all pods of the cluster log is in one group: of it only the servers of the
 * project. Throws PrerequisiteError `LOG_GROUPS_UNKNOWN` when there are none.
 */
export async function logSource({ config, dir }: Project, services: readonly LogService[]): Promise<LogSource> {
  const outputs = await readProvisioned(dir, 'aws');
  const cluster = config.deploy?.cluster ?? textOutput(outputs, 'eks_cluster_name');
  const groups = {
    serve: cluster === undefined ? [] : [`/aws/containerinsights/${cluster}/application`],
    lambda: functionGroups(outputs),
    eks: cluster === undefined ? [] : clusterGroups(cluster),
  } satisfies Record<LogService, string[]>;
  for (const service of services) if (groups[service].length === 0) throw unknownGroups(service);
  const wanted: readonly LogService[] = services.length > 0 ? services : ['serve', 'lambda'];
  const found = [...new Set(wanted.flatMap((service) => groups[service]))];
  if (found.length === 0) throw unknownGroups('the project');
  if (!found.some((group) => groups.serve.includes(group))) return { groups: found, only: undefined };
  const pods = podCondition(config.name, config.deploy?.namespace ?? 'default');
  // Lines of the other groups have no pods. `@log` is `<account>:<group>`, and only the group of the pods is called so.
  return {
    groups: found,
    only: found.length === 1 ? pods : `@log not like /containerinsights.*application$/ or (${pods})`,
  };
}

/** Where the clients of AWS are made for; as for deploying: mlops.yaml, the environment, what was provisioned. */
export async function logRegion(
  { config, dir }: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const configured = config.aws?.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  return configured || textOutput(await readProvisioned(dir, 'aws'), 'region') || 'us-east-1';
}

function functionGroups(outputs: Provisioned): string[] {
  return ['transcribe_function_name', 'load_function_name'].flatMap((output) => {
    const name = textOutput(outputs, output);
    return name === undefined ? [] : [`/aws/lambda/${name}`];
  });
}

/** The control plane, and what Container Insights collects of nodes beside the pods. */
function clusterGroups(cluster: string): string[] {
  const insights = ['dataplane', 'host'].map((part) => `/aws/containerinsights/${cluster}/${part}`);
  return [`/aws/eks/${cluster}/cluster`, ...insights];
}

function unknownGroups(what: string): PrerequisiteError {
  return new PrerequisiteError(`No log group of ${what} is known`, {
    code: 'LOG_GROUPS_UNKNOWN',
    why: 'infra/aws/outputs.json names no cluster and no functions, and mlops.yaml has no deploy.cluster.',
    actions: [
      'mlops provision --outputs',
      'Or name the group: mlops logs --log-group /aws/lambda/my-function',
      'Or read lines from a pipe: kubectl logs deploy/mlops | mlops logs',
    ],
  });
}
