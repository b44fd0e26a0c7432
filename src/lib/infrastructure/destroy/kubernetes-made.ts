import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { Tags } from '../../platform/aws/ec2.js';
import type { LoadBalancer } from '../../platform/aws/elb.js';

/** Something in the account that a cluster's controllers made, and nobody's state knows. */
export interface KubernetesMade {
  readonly kind: 'load balancer' | 'target group' | 'network interface' | 'volume' | 'security group';
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  /** In use by a node: it can go only after the node has. */
  readonly attached: boolean;
  readonly balancer?: LoadBalancer;
}

/**
 * Tags by which the cloud controller, the load balancer controller, the VPC plug-in and the EBS driver mark what they make.
 * Sources: kubernetes/cloud-provider-aws pkg/providers/v1/tags.go, the AWS Load Balancer Controller's and the EBS CSI
 * driver's documentation of tagging.
 */
function marks(cluster: string): ReadonlyArray<{ key: string; value: string }> {
  return [
    { key: `kubernetes.io/cluster/${cluster}`, value: 'owned' },
    { key: 'elbv2.k8s.aws/cluster', value: cluster },
    { key: 'cluster.k8s.amazonaws.com/name', value: cluster },
    { key: 'KubernetesCluster', value: cluster },
  ];
}

/** A cluster of the state; with its VPC, things of a cluster of the same name elsewhere are left alone. */
export interface Cluster {
  readonly name: string;
  readonly vpc: string | undefined;
}

/** EKS's own things carry the owner's tag as well, and go with the cluster. */
const eksOwn = 'aws:eks:cluster-name';

/**
 * Finds what the controllers of these clusters made, in the order in which it can be deleted. `managed` are the ids in
 * Terraform's state, which terraform itself destroys.
 */
export async function findKubernetesMade(
  aws: Pick<AwsCloud, 'ec2' | 'elb'>,
  clusters: readonly Cluster[],
  managed: ReadonlySet<string>,
): Promise<KubernetesMade[]> {
  if (clusters.length === 0) return [];
  const found: KubernetesMade[] = [];
  const balancers = await aws.elb.loadBalancers();
  const groups = await aws.elb.targetGroups();
  for (const cluster of clusters) {
    const base = { cluster: cluster.name, attached: false };
    const isOurs = (item: { tags: Tags; vpc: string }) => isMarked(item.tags, cluster.name) && isThere(item, cluster);
    for (const balancer of balancers.filter(isOurs)) {
      found.push({ ...base, kind: 'load balancer', id: balancer.id, name: balancer.name, balancer });
    }
    for (const { arn, name } of groups.filter(isOurs)) found.push({ ...base, kind: 'target group', id: arn, name });
    for (const item of await tagged(aws.ec2.networkInterfaces, cluster.name)) {
      if (item.managedByAws || item.deletedWithInstance || !isThere(item, cluster)) continue;
      const { id, description: name, attached } = item;
      found.push({ ...base, kind: 'network interface', id, name, attached });
    }
    for (const volume of await tagged(aws.ec2.volumes, cluster.name)) {
      if (volume.deletedWithInstance) continue;
      const { id, attached } = volume;
      found.push({ ...base, kind: 'volume', id, name: volumeText(volume), attached });
    }
    for (const item of await tagged(aws.ec2.securityGroups, cluster.name)) {
      if (isThere(item, cluster)) found.push({ ...base, kind: 'security group', id: item.id, name: item.name });
    }
  }
  return found.filter(({ id }, index) => !managed.has(id) && found.findIndex((other) => other.id === id) === index);
}

/** EC2 takes the conditions of one question together, so each mark is a question of its own. */
async function tagged<T extends { id: string; tags: Tags }>(
  find: (filters: Record<string, string>) => Promise<T[]>,
  cluster: string,
): Promise<T[]> {
  const found = new Map<string, T>();
  for (const { key, value } of marks(cluster)) {
    for (const item of await find({ [`tag:${key}`]: value })) found.set(item.id, item);
  }
  return [...found.values()].filter(({ tags }) => tags[eksOwn] === undefined);
}

function isMarked(tags: Tags, cluster: string): boolean {
  return marks(cluster).some(({ key, value }) => tags[key] === value);
}

function isThere(item: { vpc: string }, cluster: Cluster): boolean {
  return cluster.vpc === undefined || item.vpc === '' || item.vpc === cluster.vpc;
}

function volumeText({ tags, sizeGib }: { tags: Tags; sizeGib: number }): string {
  const claim = tags['kubernetes.io/created-for/pvc/name'];
  return claim === undefined ? `${sizeGib} GiB` : `${claim}, ${sizeGib} GiB`;
}
