import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { PrerequisiteError, UsageError } from '../base/errors/mlops-error.js';
import { secretForms } from '../base/secret-schemes.js';
import { parseSecretReference, type SecretReference } from './reference.js';
import { Secret } from './secret.js';

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative `file://` paths start here. */
  readonly baseDir: string;
}

/**
 * Resolves a reference at run time. A trailing newline of a file is not part of the secret.
 * Throws UsageError for what is no reference or a kind this version does not read, PrerequisiteError `SECRET_MISSING`
 * when the place is empty or unreadable.
 */
export async function resolveSecret(text: string, sources: SecretSources): Promise<Secret> {
  const reference = parseSecretReference(text);
  const value = await read(reference, sources);
  if (value === '') missing(reference, 'It is empty.');
  return new Secret(reference.key === undefined ? value : member(value, reference));
}

async function read(reference: SecretReference, sources: SecretSources): Promise<string> {
  if (reference.scheme === 'env') {
    return sources.env[reference.name] ?? missing(reference, 'The environment variable is not set.');
  }
  if (reference.scheme === 'file') {
    const path = isAbsolute(reference.name) ? reference.name : join(sources.baseDir, reference.name);
    try {
      return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      return missing(reference, describeError(error));
    }
  }
  throw new UsageError(`Secrets of the kind ${reference.scheme}:// are not read by this version`, {
    code: 'SECRET_SCHEME_UNSUPPORTED',
    actions: [`Let your environment fetch it, and use ${secretForms}`],
  });
}

function member(value: string, reference: SecretReference): string {
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch {
    // The parser's message would quote the secret.
    return missing(reference, 'It is not a JSON document, so it has no keys.');
  }
  const found = document instanceof Object ? (document as Record<string, unknown>)[reference.key ?? ''] : undefined;
  return typeof found === 'string' ? found : missing(reference, 'The JSON document has no such key with a text value.');
}

function missing(reference: SecretReference, why: string): never {
  const key = reference.key === undefined ? '' : `#${reference.key}`;
  throw new PrerequisiteError(`The secret ${reference.scheme}://${reference.name}${key} is not available`, {
    code: 'SECRET_MISSING',
    why,
  });
}
