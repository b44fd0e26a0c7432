import { PrerequisiteError, UsageError } from '../../base/errors/mlops-error.js';
import { createAwsCloud } from '../../platform/aws/cloud.js';
import type { Eks, EksCluster } from '../../platform/aws/eks.js';
import { clusterTokenLifetimeMs } from '../../platform/aws/eks-token.js';
import type { ClusterAccess } from '../../platform/kubernetes/access.js';
import { requireKubectl } from '../../platform/kubernetes/kubectl.js';
import { createPrivateKubeconfig, kubeconfigText } from '../../platform/kubernetes/private-kubeconfig.js';
import { probeTls } from '../../platform/kubernetes/probe.js';
import { listOutput, type Provisioned, readProvisioned, textOutput } from '../../project/provisioned.js';
import { KubernetesTarget } from './kubernetes-target.js';
import type { KubernetesDeps, KubernetesOptions } from './options.js';
import type { FixedAddress } from './overlay.js';

/** Of the 10 s within which an endpoint that cannot be reached is said. */
const probeMs = 7_000;
/** A call that begins now has 5 minutes of its token left at least. */
const renewAfterMs = clusterTokenLifetimeMs - 5 * 60_000;
const localPort = 8443;

/**
 * The EKS cluster of the project. The user's kubeconfig is neither read nor written. Throws UsageError `CLUSTER_UNNAMED`,
 * PrerequisiteError `CLUSTER_MISSING`, `CLUSTER_NOT_ACTIVE` or `CLUSTER_UNREACHABLE`, with the way in.
 */
export async function createEksTarget(options: KubernetesOptions, deps: KubernetesDeps): Promise<KubernetesTarget> {
  const { project, kubernetes: flags = {} } = options;
  const outputs = await readProvisioned(project.dir, 'aws');
  const { env } = deps;
  const configured = project.config.aws?.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const region = configured || textOutput(outputs, 'region') || 'us-east-1';
  const profile = project.config.aws?.profile;
  const settings = { region, ...(profile === undefined ? {} : { profile }) };
  const { eks } = (deps.aws ?? createAwsCloud)(settings);
  await requireKubectl(deps.runner);
  const name = flags.cluster ?? project.config.deploy?.cluster ?? textOutput(outputs, 'eks_cluster_name');
  if (name === undefined) throw await unnamed(eks, region);
  const cluster = await findCluster(eks, name, region);
  const server = flags.clusterEndpoint ?? cluster.endpoint;
  const tlsServerName = flags.clusterEndpoint === undefined ? undefined : new URL(cluster.endpoint).hostname;
  const place = `EKS cluster ${name} in ${region}`;
  const wayIn = waysIn(cluster, outputs, region, profile);
  // Behind a proxy the endpoint is not reached from here directly, and kubectl finds out by itself.
  if (!env.HTTPS_PROXY && !env.https_proxy) await requireReachable(server, tlsServerName, { place, wayIn, cluster });
  const access = await eksAccess({ place, wayIn, server, tlsServerName, cluster, eks, now: deps.now });
  const address = fixedAddress(outputs);
  return new KubernetesTarget({ kind: 'eks', access, address, region }, options, deps);
}

type ActiveCluster = EksCluster & { readonly endpoint: string; readonly certificateAuthority: string };

async function findCluster(eks: Eks, name: string, region: string): Promise<ActiveCluster> {
  const cluster = await eks.describeCluster(name);
  if (cluster === undefined) {
    const names = (await eks.clusterNames()).join(', ') || 'none';
    throw new PrerequisiteError(`There is no EKS cluster ${name} in ${region}`, {
      code: 'CLUSTER_MISSING',
      why: `There are: ${names}.`,
      actions: ['Make one with: mlops provision', 'Or name another one: --cluster, deploy.cluster in mlops.yaml'],
    });
  }
  const { endpoint, certificateAuthority, status } = cluster;
  if (endpoint === undefined || certificateAuthority === undefined) {
    throw new PrerequisiteError(`The EKS cluster ${name} is not ready: it is ${status}`, {
      code: 'CLUSTER_NOT_ACTIVE',
      actions: [`aws eks wait cluster-active --name ${name} --region ${region}`],
    });
  }
  return { ...cluster, endpoint, certificateAuthority };
}

async function unnamed(eks: Eks, region: string): Promise<UsageError> {
  return new UsageError('Which EKS cluster?', {
    code: 'CLUSTER_UNNAMED',
    why: `infra/aws/outputs.json names none. In ${region} there are: ${(await eks.clusterNames()).join(', ') || 'none'}.`,
    actions: ['--cluster NAME, or deploy: { cluster: NAME } in mlops.yaml', 'mlops provision makes one'],
  });
}

/** The private endpoint is in the VPC: an instance there, reached through Systems Manager, is the way to it. */
function waysIn(cluster: ActiveCluster, outputs: Provisioned, region: string, profile: string | undefined): string[] {
  const host = new URL(cluster.endpoint).hostname;
  const instance = textOutput(outputs, 'ec2_instance_id') ?? 'INSTANCE_ID';
  const parameters = `host=${host},portNumber=443,localPortNumber=${localPort}`;
  const where = `--region ${region}${profile === undefined ? '' : ` --profile ${profile}`}`;
  return [
    `Open a tunnel in another terminal: aws ssm start-session --target ${instance} --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters ${parameters} ${where}`,
    `Then add --cluster-endpoint https://127.0.0.1:${localPort}`,
  ];
}

async function requireReachable(
  server: string,
  tlsServerName: string | undefined,
  { place, wayIn, cluster }: { place: string; wayIn: readonly string[]; cluster: ActiveCluster },
): Promise<void> {
  const problem = await probeTls(server, { timeoutMs: probeMs, serverName: tlsServerName });
  if (problem === undefined) return;
  const direct = cluster.hasPublicEndpoint
    ? 'The endpoint is public: is this address among those that it lets in (api_allowed_cidrs)?'
    : 'A private endpoint is reached from inside its VPC only.';
  throw new PrerequisiteError(`${place} cannot be reached at ${server}`, {
    code: 'CLUSTER_UNREACHABLE',
    why: `${problem}. ${tlsServerName === undefined ? direct : 'Is the tunnel open?'}`,
    actions: wayIn,
  });
}

async function eksAccess(given: {
  place: string;
  wayIn: readonly string[];
  server: string;
  tlsServerName: string | undefined;
  cluster: ActiveCluster;
  eks: Eks;
  now: () => Date;
}): Promise<ClusterAccess> {
  const { place, wayIn, server, tlsServerName, cluster, eks, now } = given;
  const kubeconfig = await createPrivateKubeconfig();
  let madeAt: number | undefined;
  return {
    place,
    wayIn,
    async credentials() {
      const time = now().getTime();
      if (madeAt === undefined || time - madeAt > renewAfterMs) {
        const token = await eks.clusterToken(cluster.name);
        const { name, certificateAuthority } = cluster;
        await kubeconfig.write(kubeconfigText({ name, server, certificateAuthority, tlsServerName, token }));
        madeAt = time;
      }
      return { args: ['--cache-dir', kubeconfig.cacheDir], env: { KUBECONFIG: kubeconfig.path } };
    },
    close: () => kubeconfig.remove(),
  };
}

function fixedAddress(outputs: Provisioned): FixedAddress | undefined {
  const allocationIds = listOutput(outputs, 'service_eip_allocation_ids');
  return allocationIds.length === 0 ? undefined : { cloud: 'aws', allocationIds };
}
