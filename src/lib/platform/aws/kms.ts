import type { Tags } from './alarm-types.js';
import { type AwsSettings, createCaller } from './client.js';
import { isNotFound } from './errors.js';

export interface NewKey {
  readonly description: string;
  /** JSON */
  readonly policy: string;
  readonly tags: Tags;
}

export interface Kms {
  /** When AWS will delete the key: undefined for a key that nobody asked to delete, the past for one that is gone. */
  deletionDate(keyId: string): Promise<Date | undefined>;
  /** ARN of the key behind `alias/...`, an id or an ARN; undefined when there is none. */
  keyArn(keyId: string): Promise<string | undefined>;
  /** Makes a symmetric key that is rotated every year. Returns its ARN. Not repeated on failure: it would make two. */
  createKey(key: NewKey): Promise<string>;
  createAlias(alias: string, keyArn: string): Promise<void>;
  deleteAlias(alias: string): Promise<void>;
  /** Until then the deletion can be taken back with `aws kms cancel-key-deletion`. */
  scheduleDeletion(keyArn: string, days: number): Promise<void>;
}

export function createKms(settings: AwsSettings): Kms {
  const call = createCaller('kms', async () => {
    const sdk = await import('@aws-sdk/client-kms');
    return { sdk, client: new sdk.KMSClient(settings), once: new sdk.KMSClient({ ...settings, maxAttempts: 1 }) };
  });
  const metadata = (KeyId: string) =>
    call('DescribeKey', KeyId, async ({ sdk, client }) => {
      try {
        return (await client.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    });
  return {
    async deletionDate(keyId) {
      const found = await metadata(keyId);
      return found === undefined ? new Date(0) : found.DeletionDate;
    },
    async keyArn(keyId) {
      return (await metadata(keyId))?.Arn;
    },
    async createKey({ description, policy, tags }) {
      const arn = await call('CreateKey', description, async ({ sdk, once }) => {
        const { KeyMetadata } = await once.send(
          new sdk.CreateKeyCommand({
            Description: description,
            Policy: policy,
            Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
          }),
        );
        return KeyMetadata?.Arn ?? '';
      });
      await call('EnableKeyRotation', arn, async ({ sdk, client }) => {
        await client.send(new sdk.EnableKeyRotationCommand({ KeyId: arn }));
      });
      return arn;
    },
    createAlias: (AliasName, TargetKeyId) =>
      call('CreateAlias', AliasName, async ({ sdk, client }) => {
        await client.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId }));
      }),
    deleteAlias: (AliasName) =>
      call('DeleteAlias', AliasName, async ({ sdk, client }) => {
        try {
          await client.send(new sdk.DeleteAliasCommand({ AliasName }));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }),
    scheduleDeletion: (keyArn, PendingWindowInDays) =>
      call('ScheduleKeyDeletion', keyArn, async ({ sdk, client }) => {
        const KeyId = keyArn.replace(/^.*:key\//, '');
        await client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
      }),
  };
}
