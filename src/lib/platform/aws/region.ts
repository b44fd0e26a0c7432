/**
 * The region that the shared configuration (`~/.aws/config`, or AWS_CONFIG_FILE) gives to the profile of AWS_PROFILE, as
 * every tool of AWS reads it; undefined when it names none.
 */
export async function configuredRegion(): Promise<string | undefined> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    // The SDK says "Region is missing". What is wrong with a profile is said when its credentials are asked for.
    return undefined;
  }
}
