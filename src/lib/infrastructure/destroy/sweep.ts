import type { AwsCloud } from '../../platform/aws/cloud.js';

export interface Leftovers {
  /** What still exists although nothing was meant to keep it. */
  readonly left: readonly string[];
  /** Keys that AWS deletes on a date of its own: nothing to do, and until then it can be taken back. */
  readonly pending: ReadonlyArray<{ readonly arn: string; readonly date: string }>;
}

/** The tag that the templates put on everything. */
export const projectTag = 'mlops:project';

/**
 * Looks for everything that has the project's tag, in the region and among the global services. AWS goes on listing
 * some things after they are gone: `gone` says which ids terraform has seen off, the rest is looked at one by one.
 */
export async function sweep(
  regions: readonly AwsCloud[],
  context: { name: string; kept: ReadonlySet<string>; gone: ReadonlySet<string> },
): Promise<Leftovers> {
  const [aws] = regions;
  if (aws === undefined) return { left: [], pending: [] };
  const listed = new Set<string>();
  for (const region of regions) {
    for (const arn of await region.tagging.arnsTagged(projectTag, context.name)) listed.add(arn);
  }
  const candidates = [...listed].filter((arn) => !context.kept.has(arn));
  const left: string[] = [];
  const pending: Array<{ arn: string; date: string }> = [];
  for (const arn of candidates.filter(isKey)) {
    const date = await aws.kms.deletionDate(arn);
    if (date === undefined) left.push(arn);
    else if (date.getTime() > 0) pending.push({ arn, date: date.toISOString().slice(0, 10) });
  }
  const others = candidates.filter(
    (arn) => !isKey(arn) && !context.gone.has(arn) && !context.gone.has(resourceId(arn)),
  );
  const living = new Set([
    ...(await aws.ec2.livingInstances(others.filter((arn) => isType(arn, 'instance')).map(resourceId))),
    ...(await aws.ec2.livingNatGateways(others.filter((arn) => isType(arn, 'natgateway')).map(resourceId))),
  ]);
  for (const arn of others) {
    const outlives = isType(arn, 'instance') || isType(arn, 'natgateway');
    if (!outlives || living.has(resourceId(arn))) left.push(arn);
  }
  return { left: left.sort(), pending };
}

function isKey(arn: string): boolean {
  return /^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(arn);
}

function isType(arn: string, type: string): boolean {
  return arn.includes(`:${type}/`);
}

/** `arn:aws:ec2:us-east-1:123:vpc/vpc-1` -> `vpc-1` */
function resourceId(arn: string): string {
  return arn.replace(/^.*[/:]/, '');
}
