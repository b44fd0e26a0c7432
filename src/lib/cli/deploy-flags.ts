import * as Flags from '@oclif/core/flags';

const targets = ['docker', 'eks', 'gke', 'cloud-run'] as const;

/** Flags that say which target, the same for deploy, status and rollback. */
export const targetFlags = {
  target: Flags.option({ options: targets, env: 'MLOPS_TARGET' })({
    char: 't',
    description: 'where: deploy.target of mlops.yaml unless given',
  }),
  namespace: Flags.string({
    char: 'n',
    description: 'eks, gke: the namespace [default: default]',
    env: 'MLOPS_NAMESPACE',
  }),
  cluster: Flags.string({
    description: 'eks, gke: the cluster; else the one that was provisioned',
    env: 'MLOPS_CLUSTER',
  }),
  'cluster-endpoint': Flags.string({
    description: 'eks: near end of a tunnel to a private endpoint, https://127.0.0.1:8443',
  }),
  context: Flags.string({ description: 'gke: a context of your kubeconfig instead of asking gcloud' }),
  timeout: Flags.string({
    description: 'how long a revision may take until it is ready',
    default: '5m',
    env: 'MLOPS_DEPLOY_TIMEOUT',
  }),
};

interface ParsedTargetFlags {
  readonly target?: (typeof targets)[number] | undefined;
  readonly namespace?: string | undefined;
  readonly cluster?: string | undefined;
  readonly 'cluster-endpoint'?: string | undefined;
  readonly context?: string | undefined;
  readonly timeout: string;
}

/** The parsed flags as the library takes them. */
export function targetRequest(flags: ParsedTargetFlags) {
  const { target, namespace, timeout, cluster, context } = flags;
  return {
    target,
    namespace,
    timeout,
    port: undefined,
    kubernetes: { cluster, context, clusterEndpoint: flags['cluster-endpoint'] },
  };
}
