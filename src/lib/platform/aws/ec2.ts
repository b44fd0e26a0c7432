import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { type AwsSettings, allPages, createCaller } from './client.js';
import { isNotFound } from './errors.js';

export type Tags = Readonly<Record<string, string>>;

export interface NetworkInterface {
  readonly id: string;
  readonly description: string;
  readonly vpc: string;
  /** Attached to something: it cannot be deleted then. */
  readonly attached: boolean;
  /** It goes away with the instance it is attached to. */
  readonly deletedWithInstance: boolean;
  /** A service of AWS made it and deletes it. */
  readonly managedByAws: boolean;
  readonly tags: Tags;
}

export interface Volume {
  readonly id: string;
  readonly sizeGib: number;
  readonly attached: boolean;
  /** It goes away with the instance it is attached to. */
  readonly deletedWithInstance: boolean;
  readonly tags: Tags;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpc: string;
  readonly tags: Tags;
}

/** `{ 'tag:Name': 'x', 'tag-key': 'y' }`: EC2's own filter names; all of them have to fit. */
export type Ec2Filters = Readonly<Record<string, string>>;

export interface Ec2 {
  networkInterfaces(filters: Ec2Filters): Promise<NetworkInterface[]>;
  volumes(filters: Ec2Filters): Promise<Volume[]>;
  securityGroups(filters: Ec2Filters): Promise<SecurityGroup[]>;
  /** Deleting what is gone already is not an error. */
  deleteNetworkInterface(id: string): Promise<void>;
  deleteVolume(id: string): Promise<void>;
  deleteSecurityGroup(id: string): Promise<void>;
  /** Removes every rule of other groups that names this one: they would keep it from being deleted. */
  revokeRulesNaming(id: string): Promise<void>;
  /** Those of the ids that are alive: AWS goes on listing what is gone for about an hour. */
  livingInstances(ids: readonly string[]): Promise<string[]>;
  livingNatGateways(ids: readonly string[]): Promise<string[]>;
}

export function createEc2(settings: AwsSettings): Ec2 {
  const call = createCaller('ec2', async () => {
    const sdk = await import('@aws-sdk/client-ec2');
    return { sdk, client: new sdk.EC2Client(settings) };
  });
  const gone = async (deletion: Promise<unknown>) => {
    try {
      await deletion;
    } catch (error) {
      if (!isNotFound(error instanceof Error ? error.cause : undefined)) throw error;
    }
  };

  return {
    networkInterfaces: (filters) =>
      call('DescribeNetworkInterfaces', '*', async ({ sdk, client }) => {
        const Filters = toFilters(filters);
        const found = await allPages(
          (NextToken) => client.send(new sdk.DescribeNetworkInterfacesCommand({ Filters, NextToken })),
          (page) => page.NetworkInterfaces,
          (page) => page.NextToken,
        );
        return found.map((raw) => ({
          id: raw.NetworkInterfaceId ?? '',
          description: raw.Description ?? '',
          vpc: raw.VpcId ?? '',
          attached: raw.Status === 'in-use',
          deletedWithInstance: raw.Attachment?.DeleteOnTermination === true,
          managedByAws: raw.RequesterManaged === true,
          tags: toTags(raw.TagSet),
        }));
      }),

    volumes: (filters) =>
      call('DescribeVolumes', '*', async ({ sdk, client }) => {
        const Filters = toFilters(filters);
        const found = await allPages(
          (NextToken) => client.send(new sdk.DescribeVolumesCommand({ Filters, NextToken })),
          (page) => page.Volumes,
          (page) => page.NextToken,
        );
        return found.map((raw) => ({
          id: raw.VolumeId ?? '',
          sizeGib: raw.Size ?? 0,
          attached: (raw.Attachments ?? []).length > 0,
          deletedWithInstance: (raw.Attachments ?? []).some(({ DeleteOnTermination }) => DeleteOnTermination === true),
          tags: toTags(raw.Tags),
        }));
      }),

    securityGroups: (filters) =>
      call('DescribeSecurityGroups', '*', async ({ sdk, client }) => {
        const Filters = toFilters(filters);
        const found = await allPages(
          (NextToken) => client.send(new sdk.DescribeSecurityGroupsCommand({ Filters, NextToken })),
          (page) => page.SecurityGroups,
          (page) => page.NextToken,
        );
        return found.map((raw) => ({
          id: raw.GroupId ?? '',
          name: raw.GroupName ?? '',
          vpc: raw.VpcId ?? '',
          tags: toTags(raw.Tags),
        }));
      }),

    deleteNetworkInterface: (id) =>
      gone(
        call('DeleteNetworkInterface', id, ({ sdk, client }) =>
          client.send(new sdk.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
        ),
      ),
    deleteVolume: (id) =>
      gone(call('DeleteVolume', id, ({ sdk, client }) => client.send(new sdk.DeleteVolumeCommand({ VolumeId: id })))),
    deleteSecurityGroup: (id) =>
      gone(
        call('DeleteSecurityGroup', id, ({ sdk, client }) =>
          client.send(new sdk.DeleteSecurityGroupCommand({ GroupId: id })),
        ),
      ),

    revokeRulesNaming: async (id) => {
      const others = await call('DescribeSecurityGroups', '*', async ({ sdk, client }) => {
        const naming = async (filter: string) => {
          const Filters = toFilters({ [filter]: id });
          const { SecurityGroups = [] } = await client.send(new sdk.DescribeSecurityGroupsCommand({ Filters }));
          return SecurityGroups.filter(({ GroupId }) => GroupId !== id);
        };
        return {
          ingress: await naming('ip-permission.group-id'),
          egress: await naming('egress.ip-permission.group-id'),
        };
      });
      const rulesFor = (permissions: (typeof others.ingress)[number]['IpPermissions']) =>
        (permissions ?? [])
          .filter(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.some(({ GroupId }) => GroupId === id))
          .map(({ IpProtocol, FromPort, ToPort }) => ({
            IpProtocol,
            FromPort,
            ToPort,
            UserIdGroupPairs: [{ GroupId: id }],
          }));
      for (const { GroupId, IpPermissions } of others.ingress) {
        await call('RevokeSecurityGroupIngress', GroupId ?? '*', ({ sdk, client }) =>
          client.send(new sdk.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: rulesFor(IpPermissions) })),
        );
      }
      for (const { GroupId, IpPermissionsEgress } of others.egress) {
        const IpPermissions = rulesFor(IpPermissionsEgress);
        await call('RevokeSecurityGroupEgress', GroupId ?? '*', ({ sdk, client }) =>
          client.send(new sdk.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions })),
        );
      }
    },

    livingInstances: (ids) =>
      call('DescribeInstances', '*', async ({ sdk, client }) => {
        if (ids.length === 0) return [];
        const Filters = [{ Name: 'instance-id', Values: [...ids] }];
        const { Reservations = [] } = await client.send(new sdk.DescribeInstancesCommand({ Filters }));
        return Reservations.flatMap(({ Instances = [] }) => Instances)
          .filter(({ State }) => State?.Name !== 'terminated' && State?.Name !== 'shutting-down')
          .map(({ InstanceId }) => InstanceId ?? '');
      }),

    livingNatGateways: (ids) =>
      call('DescribeNatGateways', '*', async ({ sdk, client }) => {
        if (ids.length === 0) return [];
        const Filter = [{ Name: 'nat-gateway-id', Values: [...ids] }];
        const { NatGateways = [] } = await client.send(new sdk.DescribeNatGatewaysCommand({ Filter }));
        return NatGateways.filter(({ State }) => State !== 'deleted' && State !== 'deleting').map(
          ({ NatGatewayId }) => NatGatewayId ?? '',
        );
      }),
  };
}

function toFilters(filters: Ec2Filters): Filter[] {
  return Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
}

function toTags(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
