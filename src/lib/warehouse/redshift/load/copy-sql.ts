import { UsageError } from '../../../base/errors/mlops-error.js';
import { quoteIdentifier } from '../../sql/identifier.js';

const role = /^arn:aws(?:-cn|-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
/** A bucket of S3, then any key: what could end the literal is doubled in `literal`. */
const manifestUrl = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[\x20-\x7e]+$/;

/**
 * COPY of JSON lines. COPY takes no parameters, so what people gave is checked here and put into it as literals, here only.
 * Without a role the warehouse's default one reads S3. Throws UsageError `COPY_ROLE_INVALID`, `MANIFEST_URL_INVALID`.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
 */
export function copyStatement(
  table: string,
  columns: readonly string[],
  manifest: string,
  roleArn: string | undefined,
): string {
  if (roleArn !== undefined && !role.test(roleArn)) {
    throw new UsageError(`'${roleArn}' is not the ARN of a role`, {
      code: 'COPY_ROLE_INVALID',
      why: 'COPY reads S3 as a role: expected arn:aws:iam::ACCOUNT:role/NAME.',
      actions: [
        'Correct warehouse.redshift.role in mlops.yaml or REDSHIFT_COPY_ROLE_ARN, or leave it out for the default role',
      ],
    });
  }
  if (!manifestUrl.test(manifest)) {
    throw new UsageError(`'${manifest}' is not an address that COPY can read`, {
      code: 'MANIFEST_URL_INVALID',
      why: 'Bucket and prefix of the staging place are plain ASCII.',
    });
  }
  const names = columns.map(quoteIdentifier).join(', ');
  const by = roleArn === undefined ? 'default' : literal(roleArn);
  return `COPY ${quoteIdentifier(table)} (${names})
FROM ${literal(manifest)}
IAM_ROLE ${by}
MANIFEST
FORMAT AS JSON 'auto'
TIMEFORMAT 'auto'
STATUPDATE OFF
COMPUPDATE OFF`;
}

/** A backslash escapes in Redshift's literals, and none of what was checked has one. */
function literal(text: string): string {
  if (text.includes('\\')) throw new UsageError(`'${text}' has a backslash in it`, { code: 'MANIFEST_URL_INVALID' });
  return `'${text.replaceAll("'", "''")}'`;
}
