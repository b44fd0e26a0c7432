import { awsCall } from './errors.js';

/** Which account and where: what every client of the AWS SDK is made with. */
export interface AwsSettings {
  readonly region: string;
  /** A profile of ~/.aws/config; without it the SDK's usual chain decides. */
  readonly profile?: string;
}

/** `aws`, `aws-cn` or `aws-us-gov`: the first part of every ARN of the region. */
export function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/**
 * A way to call one service: its package loads and its client is made at the first call, and what fails is named by the
 * permission that the call needs.
 */
export function createCaller<Loaded>(service: string, load: () => Promise<Loaded>) {
  let loaded: Promise<Loaded> | undefined;
  return async <T>(action: string, resource: string, use: (loaded: Loaded) => Promise<T>): Promise<T> => {
    loaded ??= load();
    const ready = await loaded;
    return await awsCall(`${service}:${action}`, resource, () => use(ready));
  };
}

/** All pages of a listing that goes on as long as the answer has a token. */
export async function allPages<Page, Item>(
  fetchPage: (token: string | undefined) => Promise<Page>,
  items: (page: Page) => readonly Item[] | undefined,
  next: (page: Page) => string | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    all.push(...(items(page) ?? []));
    token = next(page) || undefined;
  } while (token !== undefined);
  return all;
}
