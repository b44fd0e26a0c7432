import { OperationError } from '../base/errors/mlops-error.js';
import type { InfrastructureDeps } from './deps.js';
import { findRetained, type Kept, retentionContext } from './destroy/retained.js';
import { endangered, type PlanSummary } from './plan/summary.js';
import type { Session } from './session.js';

const holdsData = new Set(['aws_s3_bucket', 'aws_kms_key']);

/**
 * What a plan would take away although data depends on it: a bucket with objects, a key without which they or the
 * warehouse could not be read. S3 refuses to delete the bucket, but by then its guards are gone and the key is dying.
 */
export async function findDataAtRisk(
  session: Session,
  summary: PlanSummary,
  { now }: Pick<InfrastructureDeps, 'now'>,
): Promise<readonly Kept[]> {
  const lost = new Set(endangered(summary).flatMap(({ kind, address }) => (holdsData.has(kind) ? [address] : [])));
  if (session.aws === undefined || lost.size === 0) return [];
  const context = retentionContext(session, { deleteData: undefined, now: now() });
  const { kept } = await findRetained(session.state, session.aws, context);
  return kept.filter(({ resources: [first] }) => first !== undefined && lost.has(first.address));
}

export function dataAtRiskError(atRisk: readonly Kept[], dirLabel: string): OperationError {
  const addresses = atRisk.flatMap(({ resources }) => resources.map(({ address }) => `'${address}'`));
  const [bucket] = atRisk.filter(({ kind }) => kind === 'bucket');
  const deletion = bucket === undefined ? [] : [`To delete it: mlops provision --destroy --delete-data ${bucket.name}`];
  return new OperationError('This plan would take away data', {
    code: 'DATA_AT_RISK',
    why: `${atRisk.map(({ kind, arn, why }) => `${kind} ${arn} (${why})`).join('\n')}\nNothing was changed.`,
    actions: [
      'To keep it: leave its switch on, and the name of the project and of the bucket as they were',
      `To keep it and let go of it: terraform -chdir=${dirLabel} state rm ${addresses.join(' ')}`,
      ...deletion,
    ],
  });
}
