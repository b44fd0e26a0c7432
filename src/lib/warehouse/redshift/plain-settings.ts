import { UsageError } from '../../base/errors/mlops-error.js';
import type { RedshiftSettings } from '../settings.js';

/** The settings of the plain environment variables that people have (S3_BUCKET, REDSHIFT_HOST, ...). */
export interface PlainSettings {
  readonly table?: string | undefined;
  readonly redshift: RedshiftSettings;
}

/** Folder of manifests and loads in the bucket, as the Terraform templates have it. */
const defaultPrefix = 'loads/';

/**
 * Reads S3_BUCKET, MANIFEST_PREFIX, AWS_REGION and REDSHIFT_*. A host without a password is a name of AWS, which says where
 * the Data API finds the cluster or workgroup. An empty variable is none. Throws UsageError `REDSHIFT_PORT_INVALID`.
 */
export function readPlainSettings(env: Readonly<Record<string, string | undefined>>): PlainSettings {
  const get = (name: string) => env[name]?.trim() || undefined;
  const bucket = get('S3_BUCKET');
  const host = get('REDSHIFT_HOST');
  const password = get('REDSHIFT_PASSWORD') === undefined ? undefined : 'env://REDSHIFT_PASSWORD';
  const place = host === undefined || password !== undefined ? {} : readAwsHost(host);
  return {
    table: get('REDSHIFT_TABLE'),
    redshift: {
      workgroup: get('REDSHIFT_WORKGROUP') ?? place.workgroup,
      cluster: get('REDSHIFT_CLUSTER') ?? place.cluster,
      host,
      port: readPort(get('REDSHIFT_PORT')),
      database: get('REDSHIFT_DB'),
      user: get('REDSHIFT_USER'),
      secret: get('REDSHIFT_SECRET_ARN'),
      password,
      role: get('REDSHIFT_COPY_ROLE_ARN'),
      loader: get('REDSHIFT_LOADER'),
      staging: bucket === undefined ? undefined : `s3://${bucket}/${get('MANIFEST_PREFIX') ?? defaultPrefix}`,
      region: get('AWS_REGION') ?? get('AWS_DEFAULT_REGION') ?? place.region,
      profile: get('AWS_PROFILE'),
    },
  };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`REDSHIFT_PORT is '${text}', which is not a port`, {
    code: 'REDSHIFT_PORT_INVALID',
    why: 'Expected a number from 1 to 65535; Redshift listens on 5439.',
  });
}

interface AwsPlace {
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * `NAME.ACCOUNT.REGION.redshift-serverless.amazonaws.com` is a workgroup, `NAME.CODE.REGION.redshift.amazonaws.com` a
 * cluster: https://docs.aws.amazon.com/redshift/latest/mgmt/configuring-connections.html
 */
function readAwsHost(host: string): AwsPlace {
  const match = /^([a-z0-9-]+)\.[a-z0-9-]+\.([a-z0-9-]+)\.redshift(-serverless)?\.amazonaws\.com(\.cn)?$/.exec(host);
  if (match === null) return {};
  const [, name, region, serverless] = match;
  return serverless === undefined ? { cluster: name, region } : { workgroup: name, region };
}
