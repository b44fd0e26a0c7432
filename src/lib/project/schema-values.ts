import { z } from 'zod';
import { MlopsError } from '../base/errors/mlops-error.js';
import { parseDuration } from '../base/units.js';

/** Text in a unit people write (`45s`, `1MiB`, `99.9%`), read by one of `base/units`. */
export function written(parse: (text: string) => number, example: string) {
  return z.string({ error: `expected text such as ${example}` }).transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      const message = error instanceof MlopsError ? (error.why ?? error.message) : String(error);
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });
}

export const duration = (fallbackMs: number) => written(parseDuration, '45s').default(fallbackMs);

/** A name that is also a DNS label (RFC 1123), so that it fits every place it is used in. */
export const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected 1 to 63 lower-case letters, digits and dashes');

export const port = z.int().min(0).max(65_535);

/** The message does not repeat what stands there: it may be the secret. */
export const secretReference = (example: string) =>
  z
    .string()
    .regex(/^(env|file|aws-sm|aws-ssm|gcp-sm):\/\/\S+$/, `expected a reference to a secret, such as ${example}`);
