import { UsageError } from '../base/errors/mlops-error.js';
import { type SecretScheme, secretForms, secretSchemes } from '../base/secret-schemes.js';

/** Where a secret is kept: never the secret itself. */
export interface SecretReference {
  readonly scheme: SecretScheme;
  /** What follows `scheme://`, without the key. */
  readonly name: string;
  /** The part after `#`: one member of a JSON secret. */
  readonly key: string | undefined;
}

/**
 * Reads `env://NAME` or `file://PATH`, with `#key` for one member; also `aws-sm://name#key`, `aws-ssm://name` and
 * `gcp-sm://name`, which nothing resolves: whoever resolves them says so.
 * Throws UsageError `SECRET_NOT_A_REFERENCE`; the text is not repeated, because it may be the secret.
 */
export function parseSecretReference(text: string): SecretReference {
  const match = /^([a-z-]+):\/\/([^#\s]+)(?:#(\S+))?$/.exec(text);
  const scheme = secretSchemes.find((candidate) => candidate === match?.[1]);
  if (scheme === undefined || match?.[2] === undefined) {
    throw new UsageError('Expected a reference to a secret, found something else', {
      code: 'SECRET_NOT_A_REFERENCE',
      why: 'A secret is never written down where a reference belongs, so what stands there is not repeated here.',
      actions: [`Write a reference instead: ${secretForms}`],
    });
  }
  return { scheme, name: match[2], key: match[3] };
}
