import { UsageError } from '../../base/errors/mlops-error.js';
import type { DataApiTarget } from '../../platform/aws/redshift-data.js';
import { parseS3Url } from '../../platform/aws/s3-url.js';
import { resolveSecret } from '../../secrets/resolve.js';
import type { Secret } from '../../secrets/secret.js';
import type { RedshiftSettings, WarehouseDeps } from '../settings.js';

export interface DirectTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  /** File of certificates to trust instead of Node's own list, which has the Amazon Trust Services. */
  readonly caFile: string | undefined;
}

export type Connection =
  | {
      readonly kind: 'data-api';
      readonly target: DataApiTarget;
      readonly region: string;
      readonly profile: string | undefined;
    }
  | { readonly kind: 'direct'; readonly target: DirectTarget };

/** Redshift listens here unless told: https://docs.aws.amazon.com/redshift/latest/mgmt/managing-clusters-vpc.html */
const defaultPort = 5439;
/** What a database of Redshift is called when nobody gave it a name. */
const defaultDatabase = 'dev';

/**
 * Where the settings lead, by the Data API or directly. Throws UsageError `REDSHIFT_UNSPECIFIED` naming what is missing, and
 * what resolving the password throws.
 */
export async function resolveConnection(settings: RedshiftSettings, deps: WarehouseDeps): Promise<Connection> {
  const { workgroup, cluster, host, port, user, secret, password, profile } = settings;
  const database = settings.database ?? defaultDatabase;
  if (workgroup !== undefined || cluster !== undefined) {
    const region = settings.region ?? (await deps.configuredRegion());
    if (region === undefined)
      throw unspecified('The region is not known.', ['Set aws.region in mlops.yaml, or AWS_REGION']);
    const place = workgroup === undefined ? { cluster } : { workgroup };
    return { kind: 'data-api', target: { ...place, database, user, secret }, region, profile };
  }
  if (host === undefined) {
    throw unspecified('There is no workgroup, no cluster and no host.', [
      'Set warehouse.redshift.workgroup or warehouse.redshift.cluster in mlops.yaml, or REDSHIFT_WORKGROUP, REDSHIFT_CLUSTER or REDSHIFT_HOST',
    ]);
  }
  if (user === undefined || password === undefined) {
    const why = `The host ${host} does not say which workgroup or cluster it is, so a direct connection needs a user and a password.`;
    throw unspecified(why, [
      'Set REDSHIFT_USER and REDSHIFT_PASSWORD, or REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER to log in by IAM',
    ]);
  }
  const resolved = await resolveSecret(password, { env: deps.env, baseDir: deps.baseDir });
  const caFile = deps.env.PGSSLROOTCERT || undefined;
  return { kind: 'direct', target: { host, port: port ?? defaultPort, database, user, password: resolved, caFile } };
}

/** Bucket and prefix of manifests and loads; the prefix ends with a slash. Throws UsageError `REDSHIFT_UNSPECIFIED`. */
export function stagingPlace({ staging }: RedshiftSettings): { readonly bucket: string; readonly prefix: string } {
  if (staging === undefined) {
    throw unspecified('COPY reads from S3, and there is no place for manifests and data there.', [
      'Set warehouse.redshift.staging in mlops.yaml to s3://BUCKET/loads/, or S3_BUCKET',
    ]);
  }
  const { bucket, key } = parseS3Url(staging);
  return { bucket, prefix: key === '' || key.endsWith('/') ? key : `${key}/` };
}

function unspecified(why: string, actions: readonly string[]): UsageError {
  return new UsageError('Where Redshift is, is not said', { code: 'REDSHIFT_UNSPECIFIED', why, actions });
}
