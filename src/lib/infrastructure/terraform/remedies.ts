import type { Diagnostic } from './diagnostics.js';

/** A kind of failure that people meet again and again, and what to do about it. */
interface Remedy {
  readonly pattern: RegExp;
  readonly action: (match: RegExpExecArray, diagnostic: Diagnostic, text: string) => string;
}

/** The order matters: the first that fits is the one that is said. */
const remedies: readonly Remedy[] = [
  {
    pattern: /is not authorized to perform: ([\w:*-]+)(?: on resource: "?([^\s"]+)"?)?/,
    action: ([, permission, resource]) => allow(permission, resource),
  },
  {
    pattern: /Required '([\w.]+)' permission for '([^']+)'|Permission '([\w.]+)' denied on resource '?([^\s']+)/,
    action: (match) => allow(match[1] ?? match[3], match[2] ?? match[4]),
  },
  {
    pattern: /has not been used in project \S+ before or it is disabled|SERVICE_DISABLED/,
    action: (_match, _diagnostic, text) =>
      `Enable the API: gcloud services enable ${/([\w-]+\.googleapis\.com)/.exec(text)?.[1] ?? 'NAME.googleapis.com'}`,
  },
  {
    pattern: /AccessDenied|UnauthorizedOperation|Access Denied|AuthorizationError/,
    action: (_match, diagnostic, text) => allow(operation(text), diagnostic.address ?? undefined),
  },
  {
    pattern: /ExpiredToken|RequestExpired|token has expired|InvalidClientTokenId|SignatureDoesNotMatch/,
    action: () => 'Renew the credentials, for example with `aws sso login`, and run the command again',
  },
  {
    pattern: /InsufficientInstanceCapacity|ZONE_RESOURCE_POOL_EXHAUSTED|UnsupportedAvailabilityZone/,
    action: () => 'The zone has no room for this type: choose another type or other zones, then run the command again',
  },
  {
    pattern: /Throttling|Rate exceeded|RequestLimitExceeded|TooManyRequests|SlowDown|rateLimitExceeded/,
    action: () =>
      'The cloud asked for fewer requests: wait a minute and run the command again, it goes on where it stopped',
  },
  {
    pattern: /(\w*LimitExceeded\w*|ServiceQuotaExceeded\w*|QUOTA_EXCEEDED|quotaExceeded|Quota '[^']+' exceeded)/,
    action: ([, what]) =>
      `A quota is used up (${what}): delete what is not needed, or ask for more in the Service Quotas (AWS) or IAM & Admin > Quotas (GCP) console`,
  },
  {
    pattern: /BucketAlreadyExists\b/,
    action: (_match, diagnostic) =>
      `Bucket names are shared by all AWS accounts: set another one for ${diagnostic.address ?? 'the bucket'} (mlops provision --set ...)`,
  },
  {
    pattern: /AlreadyExists|BucketAlreadyOwnedByYou|ResourceInUse|\.Duplicate\b|alreadyExists|already exists/,
    action: (_match, diagnostic) =>
      `It is there already and not in this state: choose another name, or take it in with terraform import '${diagnostic.address ?? 'ADDRESS'}' ID`,
  },
  {
    pattern: /BucketNotEmpty|bucket you tried to delete is not empty/,
    action: () =>
      'A bucket with objects is never emptied by terraform: `mlops provision --destroy` keeps it, --delete-data BUCKET deletes it with all it holds',
  },
  {
    pattern: /Instance cannot be destroyed|lifecycle\.prevent_destroy/,
    action: () =>
      'It is protected (prevent_destroy) because its data would go with it: leave it switched on, or see "Destroying" in the README.md of the working folder',
  },
  {
    pattern: /deletion_protection/,
    action: () => 'Set deletion_protection to false and run `mlops provision` once before it is deleted or replaced',
  },
  {
    pattern: /VPCIdNotSpecified|DefaultVpcDoesNotExist|No default VPC/i,
    action: () =>
      'This account has no default VPC in this region: name a VPC and subnets, or aws ec2 create-default-vpc',
  },
  {
    pattern: /DependencyViolation|has dependencies and cannot be deleted|resourceInUseByAnotherResource/,
    action: () =>
      'Something that is not in this state still uses it: `mlops provision --destroy` lists what is left over',
  },
  {
    pattern: /OptInRequired|SubscriptionRequired/,
    action: () => 'The account has to be activated for this service or region first, in the console of the account',
  },
  {
    pattern: /no such host|connection refused|i\/o timeout|TLS handshake|dial tcp/,
    action: () => 'The endpoint of the cloud cannot be reached from here: check the network, proxy and region',
  },
  {
    pattern: /InternalError|InternalFailure|ServiceUnavailable|StatusCode: 5\d\d|Error 50\d/,
    action: () => 'The cloud had a fault of its own: run the command again, it goes on where it stopped',
  },
];

/** What to do about this diagnostic; undefined when it is not a known one. */
export function remedyFor(diagnostic: Diagnostic): string | undefined {
  const text = `${diagnostic.summary}\n${diagnostic.detail}`;
  for (const { pattern, action } of remedies) {
    const match = pattern.exec(text);
    if (match !== null) return action(match, diagnostic, text);
  }
  return undefined;
}

function allow(permission: string | undefined, resource: string | undefined): string {
  const on = resource === undefined ? '' : ` on ${resource}`;
  return `Allow ${permission ?? 'the refused action'}${on} for the identity that runs this, or use another one`;
}

/** `operation error S3: CreateBucket, https response error` -> `s3:CreateBucket` (the AWS SDK for Go's wording). */
function operation(text: string): string | undefined {
  const match = /operation error ([\w ]+): (\w+)/.exec(text);
  return match === null ? undefined : `${match[1]?.toLowerCase().replaceAll(' ', '')}:${match[2]}`;
}
