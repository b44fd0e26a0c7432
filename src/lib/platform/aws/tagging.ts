import { type AwsSettings, allPages, createCaller } from './client.js';

/** The Resource Groups Tagging API: finds things of many services by a tag, in one region, a little behind the times. */
export interface Tagging {
  /** ARNs of everything that has the tag. Global things (IAM, CloudFront) answer in us-east-1 only. */
  arnsTagged(key: string, value: string): Promise<string[]>;
}

export function createTagging(settings: AwsSettings): Tagging {
  const call = createCaller('tag', async () => {
    const sdk = await import('@aws-sdk/client-resource-groups-tagging-api');
    return { sdk, client: new sdk.ResourceGroupsTaggingAPIClient(settings) };
  });
  return {
    arnsTagged: (Key, value) =>
      call('GetResources', '*', async ({ sdk, client }) => {
        const TagFilters = [{ Key, Values: [value] }];
        const found = await allPages(
          (PaginationToken) => client.send(new sdk.GetResourcesCommand({ TagFilters, PaginationToken })),
          (page) => page.ResourceTagMappingList,
          (page) => page.PaginationToken,
        );
        return found.flatMap(({ ResourceARN }) => ResourceARN ?? []);
      }),
  };
}
