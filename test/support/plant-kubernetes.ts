import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand as CreateClassicCommand,
  DescribeLoadBalancersCommand as DescribeClassicCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';

interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Place {
  readonly cluster: string;
  readonly vpc: string;
  readonly subnets: readonly string[];
}

/** Makes what the controllers of a cluster make: two load balancers, targets, an interface, a volume and a group. */
export async function plantKubernetesMade(settings: ClientSettings, { cluster, vpc, subnets }: Place): Promise<void> {
  const ec2 = new EC2Client(settings);
  const classic = new ElasticLoadBalancingClient(settings);
  const v2 = new ElasticLoadBalancingV2Client(settings);
  const owned = { Key: `kubernetes.io/cluster/${cluster}`, Value: 'owned' };
  const controller = { Key: 'elbv2.k8s.aws/cluster', Value: cluster };
  const [subnet] = subnets;
  const tags = (ResourceType: 'security-group' | 'volume' | 'network-interface') => [{ ResourceType, Tags: [owned] }];

  const group = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'k8s-elb',
      Description: 'x',
      VpcId: vpc,
      TagSpecifications: tags('security-group'),
    }),
  );
  await classic.send(
    new CreateClassicCommand({
      LoadBalancerName: 'planted-classic',
      Listeners: [{ Protocol: 'tcp', LoadBalancerPort: 80, InstancePort: 30000 }],
      Subnets: [...subnets],
      SecurityGroups: [group.GroupId ?? ''],
      Tags: [owned],
    }),
  );
  await v2.send(
    new CreateLoadBalancerCommand({
      Name: 'planted-network',
      Type: 'network',
      Subnets: [...subnets],
      Tags: [controller],
    }),
  );
  await v2.send(
    new CreateTargetGroupCommand({
      Name: 'planted-targets',
      Protocol: 'TCP',
      Port: 80,
      VpcId: vpc,
      Tags: [controller],
    }),
  );
  await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnet, TagSpecifications: tags('network-interface') }));
  await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: `${settings.region}a`, Size: 1, TagSpecifications: tags('volume') }),
  );
}

/** How much of it is left, by kind. */
export async function countKubernetesMade(settings: ClientSettings, cluster: string): Promise<Record<string, number>> {
  const ec2 = new EC2Client(settings);
  const Filters = [{ Name: `tag:kubernetes.io/cluster/${cluster}`, Values: ['owned'] }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters }));
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  const { LoadBalancerDescriptions = [] } = await new ElasticLoadBalancingClient(settings).send(
    new DescribeClassicCommand({}),
  );
  const v2 = new ElasticLoadBalancingV2Client(settings);
  const { LoadBalancers = [] } = await v2.send(new DescribeLoadBalancersCommand({}));
  const { TargetGroups = [] } = await v2.send(new DescribeTargetGroupsCommand({}));
  return {
    groups: SecurityGroups.length,
    volumes: Volumes.length,
    interfaces: NetworkInterfaces.length,
    classic: LoadBalancerDescriptions.length,
    balancers: LoadBalancers.length,
    targets: TargetGroups.length,
  };
}
