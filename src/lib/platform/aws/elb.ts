import { type AwsSettings, allPages, createCaller } from './client.js';
import type { Tags } from './ec2.js';

export interface LoadBalancer {
  readonly kind: 'classic' | 'v2';
  readonly name: string;
  /** What it is deleted by: the ARN, for a classic one the name. */
  readonly id: string;
  readonly vpc: string;
  readonly tags: Tags;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly vpc: string;
  readonly tags: Tags;
}

/** Load balancers of both generations, each with its tags. */
export interface Elb {
  loadBalancers(): Promise<LoadBalancer[]>;
  targetGroups(): Promise<TargetGroup[]>;
  /** Deleting what is gone already is not an error: AWS says so itself. */
  deleteLoadBalancer(balancer: LoadBalancer): Promise<void>;
  deleteTargetGroup(arn: string): Promise<void>;
}

/** DescribeTags takes at most 20 names in both APIs. */
const tagBatch = 20;

export function createElb(settings: AwsSettings): Elb {
  const v2 = createCaller('elasticloadbalancing', async () => {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing-v2');
    return { sdk, client: new sdk.ElasticLoadBalancingV2Client(settings) };
  });
  const classic = createCaller('elasticloadbalancing', async () => {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing');
    return { sdk, client: new sdk.ElasticLoadBalancingClient(settings) };
  });

  const tagsOfV2 = async (arns: readonly string[]): Promise<Map<string, Tags>> => {
    const descriptions = await inBatches(arns, (ResourceArns) =>
      v2('DescribeTags', '*', async ({ sdk, client }) => {
        const { TagDescriptions = [] } = await client.send(new sdk.DescribeTagsCommand({ ResourceArns }));
        return TagDescriptions;
      }),
    );
    return new Map(descriptions.map(({ ResourceArn = '', Tags: tags }) => [ResourceArn, toTags(tags)]));
  };

  const classicBalancers = async (): Promise<LoadBalancer[]> => {
    const found = await classic('DescribeLoadBalancers', '*', ({ sdk, client }) =>
      allPages(
        (Marker) => client.send(new sdk.DescribeLoadBalancersCommand({ Marker })),
        (page) => page.LoadBalancerDescriptions,
        (page) => page.NextMarker,
      ),
    );
    const names = found.map(({ LoadBalancerName = '' }) => LoadBalancerName);
    const descriptions = await inBatches(names, (LoadBalancerNames) =>
      classic('DescribeTags', '*', async ({ sdk, client }) => {
        const { TagDescriptions = [] } = await client.send(new sdk.DescribeTagsCommand({ LoadBalancerNames }));
        return TagDescriptions;
      }),
    );
    const tags = new Map(descriptions.map(({ LoadBalancerName = '', Tags: list }) => [LoadBalancerName, toTags(list)]));
    return found.map(({ LoadBalancerName: name = '', VPCId = '' }) => {
      return { kind: 'classic', name, id: name, vpc: VPCId, tags: tags.get(name) ?? {} };
    });
  };

  const v2Balancers = async (): Promise<LoadBalancer[]> => {
    const found = await v2('DescribeLoadBalancers', '*', ({ sdk, client }) =>
      allPages(
        (Marker) => client.send(new sdk.DescribeLoadBalancersCommand({ Marker })),
        (page) => page.LoadBalancers,
        (page) => page.NextMarker,
      ),
    );
    const tags = await tagsOfV2(found.map(({ LoadBalancerArn = '' }) => LoadBalancerArn));
    return found.map(({ LoadBalancerArn: id = '', LoadBalancerName = '', VpcId = '' }) => {
      return { kind: 'v2', name: LoadBalancerName, id, vpc: VpcId, tags: tags.get(id) ?? {} };
    });
  };

  return {
    loadBalancers: async () => [...(await v2Balancers()), ...(await classicBalancers())],

    targetGroups: async () => {
      const found = await v2('DescribeTargetGroups', '*', ({ sdk, client }) =>
        allPages(
          (Marker) => client.send(new sdk.DescribeTargetGroupsCommand({ Marker })),
          (page) => page.TargetGroups,
          (page) => page.NextMarker,
        ),
      );
      const tags = await tagsOfV2(found.map(({ TargetGroupArn = '' }) => TargetGroupArn));
      return found.map(({ TargetGroupArn: arn = '', TargetGroupName: name = '', VpcId: vpc = '' }) => {
        return { arn, name, vpc, tags: tags.get(arn) ?? {} };
      });
    },

    deleteLoadBalancer: async ({ kind, id }) => {
      if (kind === 'v2') {
        await v2('DeleteLoadBalancer', id, ({ sdk, client }) =>
          client.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerArn: id })),
        );
      } else {
        await classic('DeleteLoadBalancer', id, ({ sdk, client }) =>
          client.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerName: id })),
        );
      }
    },

    deleteTargetGroup: async (arn) => {
      await v2('DeleteTargetGroup', arn, ({ sdk, client }) =>
        client.send(new sdk.DeleteTargetGroupCommand({ TargetGroupArn: arn })),
      );
    },
  };
}

async function inBatches<T, R>(items: readonly T[], run: (batch: T[]) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += tagBatch) {
    results.push(...(await run(items.slice(start, start + tagBatch))));
  }
  return results;
}

function toTags(tags: ReadonlyArray<{ Key?: string | undefined; Value?: string | undefined }> | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
