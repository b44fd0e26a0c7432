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
  const endpoint = readEndpoint(get('REDSHIFT_HOST'));
  const { host } = endpoint;
  const password = get('REDSHIFT_PASSWORD') === undefined ? undefined : 'env://REDSHIFT_PASSWORD';
  const named = { workgroup: get('REDSHIFT_WORKGROUP'), cluster: get('REDSHIFT_CLUSTER') };
  const isNamed = named.workgroup !== undefined || named.cluster !== undefined;
  const place: AwsPlace = isNamed || host === undefined || password !== undefined ? named : readAwsHost(host);
  return {
    table: get('REDSHIFT_TABLE'),
    redshift: {
      workgroup: place.workgroup,
      cluster: place.cluster,
      host,
      port: readPort(get('REDSHIFT_PORT') ?? endpoint.port),
      database: get('REDSHIFT_DB') ?? endpoint.database,
      user: get('REDSHIFT_USER'),
      secret: get('REDSHIFT_SECRET_ARN'),
      password,
      role: get('REDSHIFT_COPY_ROLE_ARN'),
      loader: get('REDSHIFT_LOADER'),
      staging: bucket === undefined ? undefined : `s3://${bucket}/${get('MANIFEST_PREFIX') ?? defaultPrefix}`,
      // Where a warehouse is, its own name knows best.
      region: place.region ?? get('AWS_REGION') ?? get('AWS_DEFAULT_REGION'),
      profile: get('AWS_PROFILE'),
    },
  };
}

interface Endpoint {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly database?: string | undefined;
}

/** A host, or what the console shows as the endpoint: `HOST:5439/dev`. Names of hosts have no case. */
function readEndpoint(text: string | undefined): Endpoint {
  if (text === undefined) return {};
  const [, host = text, port, database] = /^([^:/]+)(?::(\d+))?(?:\/([^/]*))?$/.exec(text) ?? [];
  return { host: host.toLowerCase(), port, database: database || undefined };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`The port of Redshift is '${text}', which is not a port`, {
    code: 'REDSHIFT_PORT_INVALID',
    why: 'Expected a number from 1 to 65535, in REDSHIFT_PORT or after the host in REDSHIFT_HOST; Redshift listens on 5439.',
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
  const [, name = '', region, serverless] = match;
  // That is an endpoint in a VPC, NAME-endpoint-CODE, which says nothing of whose it is.
  if (/-endpoint-[a-z0-9]+$/.test(name)) return {};
  return serverless === undefined ? { cluster: name, region } : { workgroup: name, region };
}
