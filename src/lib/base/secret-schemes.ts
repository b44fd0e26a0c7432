/** Kinds of references to secrets: which are read, and which are known by name and have no reader. */
const readers = { env: true, file: true, 'aws-sm': false, 'aws-ssm': false, 'gcp-sm': false } as const;

export type SecretScheme = keyof typeof readers;
export const secretSchemes = Object.keys(readers) as SecretScheme[];

/** How to write a reference that is read, for messages. */
export const secretForms = 'env://NAME or file://PATH';

const form = /^([a-z-]+):\/\/\S+$/;

/**
 * What is wrong with a reference to a secret, undefined for one that is read. The text is not repeated: it may be the
 * secret. For configuration, so that it is said when the file is read and not when the secret is needed.
 */
export function secretReferenceProblem(text: string): string | undefined {
  const scheme = secretSchemes.find((known) => known === form.exec(text)?.[1]);
  if (scheme === undefined) return `expected a reference to a secret, ${secretForms}`;
  if (readers[scheme]) return undefined;
  return `secrets of the kind ${scheme}:// are not read: let your environment fetch it, and write ${secretForms}`;
}

/** Whether the text means to be a reference, read or not. */
export function looksLikeSecretReference(text: string): boolean {
  return secretSchemes.some((scheme) => text.startsWith(`${scheme}://`));
}
