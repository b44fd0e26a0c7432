import { type AwsSettings, createCaller } from './client.js';
import { isNotFound } from './errors.js';

export interface RedshiftServerless {
  /** Begins the deletion; one that is gone or being deleted already is not an error. */
  deleteWorkgroup(name: string): Promise<void>;
  hasWorkgroup(name: string): Promise<boolean>;
  /** Begins the deletion; AWS takes the snapshot first and keeps it until somebody deletes it. */
  deleteNamespace(name: string, finalSnapshot: string): Promise<void>;
  hasNamespace(name: string): Promise<boolean>;
  /** The ARN of a snapshot; undefined when there is none of this name. */
  snapshotArn(name: string): Promise<string | undefined>;
}

export function createRedshiftServerless(settings: AwsSettings): RedshiftServerless {
  const call = createCaller('redshift-serverless', async () => {
    const sdk = await import('@aws-sdk/client-redshift-serverless');
    return { sdk, client: new sdk.RedshiftServerlessClient(settings) };
  });
  const unlessGone = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const isBeingDeleted = (status: string | undefined) => status === 'DELETING';
  return {
    deleteWorkgroup: (workgroupName) =>
      call('DeleteWorkgroup', workgroupName, async ({ sdk, client }) => {
        const found = await unlessGone(() => client.send(new sdk.GetWorkgroupCommand({ workgroupName })));
        if (found === undefined || isBeingDeleted(found.workgroup?.status)) return;
        await client.send(new sdk.DeleteWorkgroupCommand({ workgroupName }));
      }),
    hasWorkgroup: (workgroupName) =>
      call('GetWorkgroup', workgroupName, async ({ sdk, client }) => {
        return (await unlessGone(() => client.send(new sdk.GetWorkgroupCommand({ workgroupName })))) !== undefined;
      }),
    deleteNamespace: (namespaceName, finalSnapshotName) =>
      call('DeleteNamespace', namespaceName, async ({ sdk, client }) => {
        const found = await unlessGone(() => client.send(new sdk.GetNamespaceCommand({ namespaceName })));
        if (found === undefined || isBeingDeleted(found.namespace?.status)) return;
        await client.send(new sdk.DeleteNamespaceCommand({ namespaceName, finalSnapshotName }));
      }),
    hasNamespace: (namespaceName) =>
      call('GetNamespace', namespaceName, async ({ sdk, client }) => {
        return (await unlessGone(() => client.send(new sdk.GetNamespaceCommand({ namespaceName })))) !== undefined;
      }),
    snapshotArn: (snapshotName) =>
      call('GetSnapshot', snapshotName, async ({ sdk, client }) => {
        const found = await unlessGone(() => client.send(new sdk.GetSnapshotCommand({ snapshotName })));
        return found?.snapshot?.snapshotArn;
      }),
  };
}
