import { OperationError, UsageError } from '../../../base/errors/mlops-error.js';
import { ownerTags } from '../ownership.js';
import type { Site } from '../site.js';
import { keyPolicy } from './policies.js';

/** A new key has this tag, so that a run that ended before its alias was made leaves nothing that costs and is lost. */
const keyTag = 'mlops:alarm-key';

export const ownKeyAlias = (project: string) => `alias/${project}-alarms`;

/** Waiting time of a deletion, the shortest that KMS takes. */
export const keyDeletionDays = 7;

/**
 * The key that is there for a topic of ours: the one that mlops.yaml names, else that of the infrastructure, else the one
 * made before. Undefined: none yet. Throws UsageError `KEY_MISSING` for a name that leads to no key.
 */
export async function findKey({ project, name, aws }: Site): Promise<string | undefined> {
  const named = project.config.alarms?.key;
  if (named === undefined) {
    return (await aws.kms.keyArn(`alias/${name}-platform`)) ?? (await aws.kms.keyArn(ownKeyAlias(name)));
  }
  const arn = await aws.kms.keyArn(named);
  if (arn !== undefined) return arn;
  throw new UsageError(`There is no KMS key ${named}`, {
    code: 'KEY_MISSING',
    why: 'alarms.key of mlops.yaml names it.',
    actions: ['Correct it, or leave it out: mlops makes a key then'],
  });
}

/** Makes the project's key for alarms, or finishes what a former run began. Returns its ARN. */
export async function makeKey(site: Site): Promise<string> {
  const { aws, name } = site;
  const arn = (await unfinishedKey(site)) ?? (await newKey(site));
  if (arn === '') throw new OperationError('KMS made a key and did not say which', { code: 'KEY_UNKNOWN' });
  await aws.kms.createAlias(ownKeyAlias(name), arn);
  return arn;
}

async function newKey(site: Site): Promise<string> {
  return await site.aws.kms.createKey({
    description: `${site.name}: alarms`,
    policy: keyPolicy(site),
    tags: { ...ownerTags(site.name), [keyTag]: site.name },
  });
}

async function unfinishedKey({ aws, name }: Site): Promise<string | undefined> {
  for (const arn of await aws.tagging.arnsTagged(keyTag, name)) {
    if ((await aws.kms.deletionDate(arn)) === undefined) return arn;
  }
  return undefined;
}
