import type { Reporter } from '../base/progress/reporter.js';
import type { S3Objects } from '../platform/aws/s3-objects.js';
import type { TableName } from './sql/identifier.js';
import type { Engine } from './types.js';

export interface DuckDbSettings {
  /** Absolute path of the database file. */
  readonly path: string;
}

/** Where Redshift is and how to get in. What is missing, the engine says when it needs it. */
export interface RedshiftSettings {
  /** Serverless. Exactly one of workgroup, cluster and host is used, in this order. */
  readonly workgroup?: string | undefined;
  /** Provisioned, by its identifier. */
  readonly cluster?: string | undefined;
  /** Direct connection with a password. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  /** Name or ARN of a secret in Secrets Manager; without it IAM decides. */
  readonly secret?: string | undefined;
  /** Reference to a password (env://, file://), for a direct connection. */
  readonly password?: string | undefined;
  /** ARN of the role that COPY reads S3 with; without it the cluster's default role. */
  readonly role?: string | undefined;
  /** User that `init` lets in to load, such as `IAMR:flight-delay-load`: the role of the load function. */
  readonly loader?: string | undefined;
  /** `s3://bucket/prefix/` for manifests and for what is uploaded from this machine. */
  readonly staging?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

export interface WarehouseSettings {
  readonly engine: Engine;
  readonly table: TableName;
  readonly duckdb: DuckDbSettings;
  readonly redshift: RedshiftSettings;
}

/** Everything outside that an engine needs. */
export interface WarehouseDeps {
  readonly reporter: Reporter;
  /** Made at the first use. */
  readonly s3: () => Promise<S3Objects>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A relative `file://` secret starts here. */
  readonly baseDir: string;
  /** The region of the shared configuration of AWS, for who has not set it otherwise. */
  readonly configuredRegion: () => Promise<string | undefined>;
  /** Waits between attempts, in milliseconds; rejects with the signal's reason. A test hands in one that does not. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}
