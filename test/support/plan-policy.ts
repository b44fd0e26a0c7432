/** A resource as a plan or a state shows it, with what is known only after the apply. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly unknown: Readonly<Record<string, unknown>>;
  /** Addresses that an attribute refers to, for a plan, where ids are not known yet. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** Attributes that the configuration sets; without it all count. The rest is what the API chose. */
  readonly configured?: ReadonlySet<string>;
}

export interface Violation {
  readonly address: string;
  readonly rule: string;
}

type Rule = (resource: PlannedResource, all: readonly PlannedResource[]) => string | false | undefined;
type Values = Readonly<Record<string, unknown>>;

/** Wider than this is not somebody's network: two /1 are the whole internet too. */
const widestIpv4 = 8;
const widestIpv6 = 16;

/** What must hold of every plan and every state: each rule says what is wrong with a resource, or nothing. */
const rules: readonly Rule[] = [
  (resource) => statements(resource).some(allowsEverything) && 'a policy allows every action (*:*)',
  attachesEverything,
  (resource) =>
    isIdentityPolicy(resource) && statements(resource).some(allowsAService) && 'a policy allows all of a service',
  (resource) => statements(resource).some(allowsEverybody) && 'a policy lets everybody in',
  (resource) => statements(resource).some(trustsAnyRepository) && 'a role trusts every subject of a token issuer',
  (resource) => isOpenGroup(resource) && 'a security group is open to the internet',
  publicBucket,
  unencrypted,
  (resource) => hasPlaintextSecret(resource.values) && 'a secret stands there in plaintext',
  publicEndpoint,
];

/** Where the plan or state breaks a rule. */
export function checkPolicies(resources: readonly PlannedResource[]): Violation[] {
  return resources.flatMap((resource) =>
    rules.flatMap((rule) => {
      const wrong = rule(resource, resources);
      return typeof wrong === 'string' ? [{ address: resource.address, rule: wrong }] : [];
    }),
  );
}

function publicBucket(resource: PlannedResource, all: readonly PlannedResource[]): string | false {
  const { values, type } = resource;
  if (type === 'aws_s3_bucket_acl') return String(values.acl).startsWith('public') && 'a bucket is public by its ACL';
  if (type !== 'aws_s3_bucket') return false;
  const four = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'];
  const blocks = membersOf(resource, 'aws_s3_bucket_public_access_block', all);
  const isBlocked = blocks.some((block) => four.every((name) => block.values[name] === true));
  return !isBlocked && 'a bucket does not block public access';
}

function unencrypted(resource: PlannedResource, all: readonly PlannedResource[]): string | false {
  const { type } = resource;
  const isSet = (name: string) => Boolean(resource.values[name]) || resource.unknown[name] === true;
  const disks = (name: string) => list(resource.values[name]).flatMap((disk) => [disk, ...list(disk.ebs)]);
  const clear = (name: string) =>
    disks(name).some(({ encrypted }) => encrypted !== undefined && String(encrypted) !== 'true');
  const stores: Record<string, () => boolean> = {
    aws_s3_bucket: () => membersOf(resource, 'aws_s3_bucket_server_side_encryption_configuration', all).length > 0,
    aws_sqs_queue: () => isSet('kms_master_key_id') || resource.values.sqs_managed_sse_enabled === true,
    aws_sns_topic: () => isSet('kms_master_key_id'),
    aws_cloudwatch_log_group: () => isSet('kms_key_id'),
    aws_ebs_volume: () => resource.values.encrypted === true,
    aws_instance: () =>
      list(resource.values.root_block_device).length > 0 && !clear('root_block_device') && !clear('ebs_block_device'),
    // Without a mapping the image decides, and it does not encrypt.
    aws_launch_template: () =>
      list(resource.values.block_device_mappings).length > 0 && !clear('block_device_mappings'),
    aws_redshift_cluster: () => String(resource.values.encrypted) === 'true',
    aws_redshiftserverless_namespace: () => isSet('kms_key_id'),
    aws_db_instance: () => resource.values.storage_encrypted === true,
    aws_efs_file_system: () => resource.values.encrypted === true,
    aws_eks_cluster: () => list(resource.values.encryption_config).length > 0,
  };
  return stores[type] !== undefined && !stores[type]() && 'a store is not encrypted';
}

function publicEndpoint({ type, values, configured }: PlannedResource): string | false {
  if (type === 'aws_eks_cluster') {
    const [network = {}] = list(values.vpc_config);
    const cidrs = (network.public_access_cidrs ?? []) as unknown[];
    const isOpen = cidrs.length === 0 || cidrs.some(isTooWide);
    return network.endpoint_public_access === true && isOpen && 'a public endpoint names no networks';
  }
  const isSet = (name: string) => values[name] === true && configured?.has(name) !== false;
  const isPublic = isSet('publicly_accessible') || isSet('associate_public_ip_address');
  return isPublic && 'it has a public address';
}

function isTooWide(cidr: unknown): boolean {
  const [address = '', bits] = String(cidr ?? '').split('/');
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  return bits !== undefined && !isPrivate && Number(bits) < (address.includes(':') ? widestIpv6 : widestIpv4);
}

function isOpenGroup({ type, values }: PlannedResource): boolean {
  const open = (value: unknown) => [value].flat().some(isTooWide);
  if (type === 'aws_vpc_security_group_ingress_rule') return open(values.cidr_ipv4) || open(values.cidr_ipv6);
  if (type === 'aws_security_group_rule')
    return values.type === 'ingress' && (open(values.cidr_blocks) || open(values.ipv6_cidr_blocks));
  return list(values.ingress).some((rule) => open(rule.cidr_blocks) || open(rule.ipv6_cidr_blocks));
}

const secretName = /(password|secret|token|private_key|access_key)$/i;
const secretValue = /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** A text under the name of a secret that is no reference to one, or a text that looks like one anywhere. */
function hasPlaintextSecret(value: unknown, name = ''): boolean {
  if (typeof value === 'string') {
    return secretValue.test(value) || (secretName.test(name) && value !== '' && !value.startsWith('arn:'));
  }
  if (!(value instanceof Object)) return false;
  return Object.entries(value).some(([key, member]) => hasPlaintextSecret(member, Array.isArray(value) ? name : key));
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

function statements({ type, values }: PlannedResource): Statement[] {
  // The policy of an endpoint only narrows what somebody is allowed elsewhere; AWS's default narrows nothing.
  if (type === 'aws_vpc_endpoint') return [];
  const inline = list(values.inline_policy).map(({ policy }) => policy);
  return [values.policy, values.assume_role_policy, values.access_policy, ...inline].flatMap((text) => {
    if (typeof text !== 'string' || !text.startsWith('{')) return [];
    return [(JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  });
}

function allowsEverything({ Effect, Action, NotAction }: Statement): boolean {
  return (
    Effect === 'Allow' &&
    (NotAction !== undefined || [Action].flat().some((action) => action === '*' || action === '*:*'))
  );
}

/** AWS's own policies that amount to `*:*` or come near it. */
const attachedEverything = /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

function attachesEverything({ values }: PlannedResource): string | false {
  const attached = [values.policy_arn, values.managed_policy_arns].flat();
  return attached.some((arn) => attachedEverything.test(String(arn))) && 'a role has the rights of an administrator';
}

/** In the policy of a key or a bucket `*` is that key or bucket. */
function isIdentityPolicy({ type }: PlannedResource): boolean {
  return /^aws_iam_/.test(type);
}

function allowsAService({ Effect, Action, Resource }: Statement): boolean {
  const isWhole = [Action].flat().some((action) => /^[\w-]+:\*$/.test(String(action)));
  return Effect === 'Allow' && isWhole && [Resource].flat().includes('*');
}

/** A GitHub token is anybody's who has a repository: only its subject says whose. */
function trustsAnyRepository({ Effect, Action, Condition }: Statement): boolean {
  if (Effect !== 'Allow' || ![Action].flat().includes('sts:AssumeRoleWithWebIdentity')) return false;
  const tests = Object.values((Condition ?? {}) as Record<string, Record<string, unknown>>);
  const subjects = tests.flatMap((one) =>
    Object.entries(one).flatMap(([key, value]) => (key.endsWith(':sub') ? [value] : [])),
  );
  return subjects.length === 0 || subjects.flat().some((subject) => /^(repo:)?\*/.test(String(subject)));
}

function allowsEverybody({ Effect, Principal, Condition }: Statement): boolean {
  const everybody =
    Principal === '*' || (Principal instanceof Object && [(Principal as { AWS?: unknown }).AWS].flat().includes('*'));
  return Effect === 'Allow' && everybody && Condition === undefined;
}

/** Resources of a type that belong to this bucket: by its name, or by reference while that is not known. */
function membersOf(bucket: PlannedResource, type: string, all: readonly PlannedResource[]): PlannedResource[] {
  return all.filter((other) => {
    if (other.type !== type) return false;
    if (other.values.bucket !== undefined) return other.values.bucket === bucket.values.bucket;
    const named = other.references.bucket ?? [];
    return named.includes(bucket.address) || named.includes(bucket.address.replace(/\[[^\]]*\]$/, ''));
  });
}

function list(value: unknown): Values[] {
  return Array.isArray(value) ? (value as Values[]) : [];
}
