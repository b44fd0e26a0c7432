import { type AwsSettings, createCaller } from './client.js';
import { isNotFound } from './errors.js';

export interface Kms {
  /** When AWS will delete the key: undefined for a key that nobody asked to delete, the past for one that is gone. */
  deletionDate(keyId: string): Promise<Date | undefined>;
}

export function createKms(settings: AwsSettings): Kms {
  const call = createCaller('kms', async () => {
    const sdk = await import('@aws-sdk/client-kms');
    return { sdk, client: new sdk.KMSClient(settings) };
  });
  return {
    deletionDate: (KeyId) =>
      call('DescribeKey', KeyId, async ({ sdk, client }) => {
        try {
          const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
          return KeyMetadata?.DeletionDate;
        } catch (error) {
          if (isNotFound(error)) return new Date(0);
          throw error;
        }
      }),
  };
}
