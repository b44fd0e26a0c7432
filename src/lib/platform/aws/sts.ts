import type { AwsSettings } from './client.js';

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

export interface Sts {
  /** Who the credentials belong to. Throws the SDK's own error: the caller knows where credentials were looked for. */
  callerIdentity(): Promise<CallerIdentity>;
}

export function createSts(settings: AwsSettings): Sts {
  return {
    async callerIdentity() {
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const client = new STSClient({ ...settings, maxAttempts: 2 });
      const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
      return { account: Account, arn: Arn };
    },
  };
}
