import { PrerequisiteError, UsageError } from '../../base/errors/mlops-error.js';
import { getGkeCredentials } from '../../platform/gcp/gke.js';
import type { ClusterAccess } from '../../platform/kubernetes/access.js';
import { requireKubectl } from '../../platform/kubernetes/kubectl.js';
import { createPrivateKubeconfig } from '../../platform/kubernetes/private-kubeconfig.js';
import { type Provisioned, readProvisioned, textOutput } from '../../project/provisioned.js';
import { KubernetesTarget } from './kubernetes-target.js';
import type { KubernetesDeps, KubernetesOptions } from './options.js';
import type { FixedAddress } from './overlay.js';

/**
 * A GKE cluster: a context of the user's kubeconfig, which is read and not changed, or what gcloud says about the cluster
 * that `mlops provision` made, in a kubeconfig for this command alone. Throws UsageError `CLUSTER_UNNAMED`,
 * PrerequisiteError `CONTEXT_MISSING` or what gcloud says.
 */
export async function createGkeTarget(options: KubernetesOptions, deps: KubernetesDeps): Promise<KubernetesTarget> {
  const { project, kubernetes: flags = {} } = options;
  await requireKubectl(deps.runner);
  const outputs = await readProvisioned(project.dir, 'gcp');
  const context = flags.context ?? project.config.deploy?.context;
  const access =
    context === undefined ? await gcloudAccess(options, outputs, deps) : await contextAccess(context, outputs, deps);
  const address = textOutput(outputs, 'load_balancer_address');
  const fixed: FixedAddress | undefined = address === undefined ? undefined : { cloud: 'gcp', address };
  return new KubernetesTarget({ kind: 'gke', access, address: fixed }, options, deps);
}

async function contextAccess(context: string, outputs: Provisioned, deps: KubernetesDeps): Promise<ClusterAccess> {
  const { KUBECONFIG } = deps.env;
  const env = KUBECONFIG === undefined ? {} : { KUBECONFIG };
  const { exitCode, stdout } = await deps.runner.run('kubectl', ['config', 'get-contexts', '--output=name'], { env });
  const contexts = stdout.split('\n').filter((row) => row !== '');
  if (exitCode === 0 && !contexts.includes(context)) {
    throw new PrerequisiteError(`The kubeconfig has no context ${context}`, {
      code: 'CONTEXT_MISSING',
      why: `It has: ${contexts.join(', ') || 'none'}.`,
      actions: [
        textOutput(outputs, 'kubeconfig_command') ??
          'gcloud container clusters get-credentials CLUSTER --location LOCATION',
      ],
    });
  }
  // A cache of our own: what the cluster serves is asked anew for every command.
  const own = await createPrivateKubeconfig();
  return {
    place: `the cluster of context ${context}`,
    wayIn: [`Check it with: kubectl --context ${context} get --raw /readyz`],
    credentials: async () => ({ args: ['--context', context, '--cache-dir', own.cacheDir], env }),
    close: () => own.remove(),
  };
}

async function gcloudAccess(
  options: KubernetesOptions,
  outputs: Provisioned,
  deps: KubernetesDeps,
): Promise<ClusterAccess> {
  const { config } = options.project;
  const name = options.kubernetes?.cluster ?? config.deploy?.cluster ?? textOutput(outputs, 'gke_cluster_name');
  const location = textOutput(outputs, 'gke_cluster_location') ?? config.gcp?.region;
  const project = config.gcp?.project ?? textOutput(outputs, 'project') ?? deps.env.GOOGLE_CLOUD_PROJECT;
  if (name === undefined || location === undefined || !project) {
    throw new UsageError('Which GKE cluster?', {
      code: 'CLUSTER_UNNAMED',
      why: 'infra/gcp/outputs.json names none, and no context is given.',
      actions: [
        '--context NAME (kubectl config get-contexts), or deploy: { context: NAME } in mlops.yaml',
        'mlops provision makes one',
      ],
    });
  }
  const kubeconfig = await createPrivateKubeconfig();
  const dnsEndpoint = textOutput(outputs, 'gke_dns_endpoint') !== undefined;
  try {
    await getGkeCredentials(deps.runner, { name, location, project, dnsEndpoint, kubeconfig: kubeconfig.path });
  } catch (error) {
    await kubeconfig.remove();
    throw error;
  }
  const place = `GKE cluster ${name} in ${location}`;
  const wayIn = dnsEndpoint
    ? ['Check that your Google account has container.clusters.connect on the project']
    : [
        'Switch on the DNS endpoint, which is reached from anywhere by Google identity: mlops provision --set enable_dns_endpoint=true',
        'Or run this from inside the network, and check master authorized networks',
      ];
  return {
    place,
    wayIn,
    credentials: async () => ({ args: ['--cache-dir', kubeconfig.cacheDir], env: { KUBECONFIG: kubeconfig.path } }),
    close: () => kubeconfig.remove(),
  };
}
