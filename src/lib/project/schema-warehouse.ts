import { z } from 'zod';
import { secretReference } from './schema-values.js';

const text = z.string().min(1);

/** Where Redshift is, how to get in, and what COPY reads with. */
const redshift = z
  .strictObject({
    /** Serverless. */
    workgroup: text.optional(),
    /** Provisioned. */
    cluster: text.optional(),
    /** A direct connection. */
    host: text.optional(),
    port: z.int().min(1).max(65_535).optional(),
    database: text.optional(),
    user: text.optional(),
    /** Of Secrets Manager: the Data API takes user and password from there. */
    secret: z
      .string()
      .regex(
        /^(aws-sm:\/\/[^\s#]+|arn:aws[a-z-]*:secretsmanager:\S+)$/,
        'expected a secret of Secrets Manager: aws-sm://NAME or its ARN',
      )
      .optional(),
    /** For a direct connection. */
    password: secretReference('env://REDSHIFT_PASSWORD').optional(),
    /** That COPY reads S3 as. */
    role: z
      .string()
      .regex(/^(default|arn:aws[a-z-]*:iam::\d{12}:role\/\S+)$/, 'expected the ARN of an IAM role, or default')
      .optional(),
    /** For manifests, and for files of this machine on their way. */
    staging: z
      .string()
      .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/, 'expected s3://BUCKET/PREFIX/')
      .optional(),
  })
  .refine(({ workgroup, cluster, host }) => [workgroup, cluster, host].filter((one) => one !== undefined).length <= 1, {
    error: 'expected one of workgroup, cluster and host',
  });

export const warehouse = z.strictObject({
  engine: z.enum(['duckdb', 'redshift']).optional(),
  /** The file of DuckDB. */
  path: text.optional(),
  /** `table` or `schema.table`; 127 bytes are Redshift's limit. */
  table: z
    .string()
    .regex(
      /^([a-z_][a-z0-9_]{0,126}\.)?[a-z_][a-z0-9_]{0,126}$/,
      'expected TABLE or SCHEMA.TABLE in lower-case letters, digits and underscores',
    )
    .optional(),
  redshift: redshift.optional(),
});
