import { UsageError } from '../base/errors/mlops-error.js';

const schemes = ['env', 'file', 'aws-sm', 'aws-ssm', 'gcp-sm'] as const;

/** Where a secret is kept: never the secret itself. */
export interface SecretReference {
  readonly scheme: (typeof schemes)[number];
  /** What follows `scheme://`, without the key. */
  readonly name: string;
  /** The part after `#`: one member of a JSON secret. */
  readonly key: string | undefined;
}

/**
 * Reads `env://NAME`, `file://PATH`, `aws-sm://name#key`, `aws-ssm://name` or `gcp-sm://name`.
 * Throws UsageError `SECRET_NOT_A_REFERENCE`; the text is not repeated, because it may be the secret.
 */
export function parseSecretReference(text: string): SecretReference {
  const match = /^([a-z-]+):\/\/([^#\s]+)(?:#(\S+))?$/.exec(text);
  const scheme = schemes.find((candidate) => candidate === match?.[1]);
  if (scheme === undefined || match?.[2] === undefined) {
    throw new UsageError('Expected a reference to a secret, found something else', {
      code: 'SECRET_NOT_A_REFERENCE',
      why: 'A secret is never written down where a reference belongs, so what stands there is not repeated here.',
      actions: [`Write a reference instead: ${schemes.map((known) => `${known}://...`).join(', ')}`],
    });
  }
  return { scheme, name: match[2], key: match[3] };
}
