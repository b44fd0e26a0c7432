import { resolveSecret, type SecretSources } from '../secrets/resolve.js';

const reference = /^(.*?[:\s])((?:env|file|aws-sm|aws-ssm|gcp-sm):\/\/\S+)$/;

/**
 * Replaces a secret reference at the end of a header, as in `Authorization: Bearer env://TOKEN`, so that the secret
 * itself stands neither on the command line nor in the history of a shell. Throws as `resolveSecret` does.
 */
export async function resolveHeaderSecrets(headers: readonly string[], sources: SecretSources): Promise<string[]> {
  return Promise.all(
    headers.map(async (header) => {
      const [, before, secret] = reference.exec(header) ?? [];
      if (before === undefined || secret === undefined) return header;
      return before + (await resolveSecret(secret, sources)).reveal();
    }),
  );
}
