import type { RedshiftSettings } from '../settings.js';

/** The settings of the plain environment variables that people have (S3_BUCKET, REDSHIFT_HOST, ...). */
export interface PlainSettings {
  readonly table?: string | undefined;
  readonly redshift: RedshiftSettings;
}

export function readPlainSettings(_env: Readonly<Record<string, string | undefined>>): PlainSettings {
  return { redshift: {} };
}
