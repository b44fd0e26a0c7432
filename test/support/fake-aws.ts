import type { AwsCloud } from '../../src/lib/platform/aws/cloud.js';

/** Doors of AWS that a test opens one by one; one that it does not expect says so. */
export type FakeAws = { readonly [Service in keyof AwsCloud]?: Partial<AwsCloud[Service]> };

export function fakeAws(doors: FakeAws = {}): AwsCloud {
  const service = (name: string, given: object) =>
    new Proxy(given, {
      get(target, action) {
        const found: unknown = Reflect.get(target, action);
        if (found !== undefined) return found;
        throw new Error(`A test reached an AWS door that it did not expect: ${name}.${String(action)}`);
      },
    });
  const names = [
    ...(['sts', 's3', 'ec2', 'eks', 'elb', 'kms'] as const),
    ...(['tagging', 'redshiftServerless', 'cloudwatch', 'sns'] as const),
  ];
  return Object.fromEntries(names.map((name) => [name, service(name, doors[name] ?? {})])) as unknown as AwsCloud;
}
