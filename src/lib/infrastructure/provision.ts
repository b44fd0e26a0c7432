import { OperationError } from '../base/errors/mlops-error.js';
import { requireFolderOf, writeAtomically } from '../platform/files/write.js';
import { dataAtRiskError, findDataAtRisk } from './data-at-risk.js';
import type { InfrastructureDeps } from './deps.js';
import { keptText } from './destroy/inventory.js';
import { forgetKept, removeImports } from './kept-record.js';
import { nextSteps } from './next-steps.js';
import { type Outputs, readOutputs, saveOutputs } from './outputs.js';
import { countsText, planLines } from './plan/lines.js';
import { planMarkdown } from './plan/markdown.js';
import { endangered, type PlanSummary } from './plan/summary.js';
import { applyPlan, withPlanFile } from './plan-step.js';
import type { AppliedCounts } from './progress.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import { planTakingIn } from './take-in.js';

export interface ProvisionOptions extends SessionOptions {
  readonly dryRun: boolean;
  /** Absolute paths: the plan as JSON (ours, without sensitive values) and as Markdown. */
  readonly planFile: string | undefined;
  readonly markdownFile: string | undefined;
}

export interface ProvisionResult {
  readonly action: 'plan' | 'apply' | 'none';
  readonly cloud: 'aws' | 'gcp';
  /** The working folder, relative to the project. */
  readonly dir: string;
  readonly plan: PlanSummary;
  readonly applied: AppliedCounts | null;
  /** Null for a dry run. */
  readonly outputs: Outputs | null;
  readonly next: readonly string[];
}

/**
 * Plans, shows the plan, asks, and applies exactly that plan. Throws UsageError without a confirmation, PrerequisiteError
 * without terraform or credentials, InterruptedError with what was done, OperationError for what terraform reports.
 */
export async function provision(options: ProvisionOptions, deps: InfrastructureDeps): Promise<ProvisionResult> {
  if (!options.dryRun) deps.confirm.requireAnswerable();
  for (const file of [options.planFile, options.markdownFile]) if (file !== undefined) await requireFolderOf(file);
  const session = await openSession(options, deps, { create: true });
  try {
    return await withPlanFile((file) => planAndApply(session, file, options, deps));
  } finally {
    await removeImports(session.dir);
  }
}

/** The outputs as terraform knows them; they are saved for the other commands as well. */
export async function currentOutputs(options: SessionOptions, deps: InfrastructureDeps): Promise<Outputs> {
  const session = await openSession(options, deps, { create: false });
  const outputs = await readOutputs(session.terraform);
  await saveOutputs(session.dir, outputs);
  return outputs;
}

async function planAndApply(
  session: Session,
  file: string,
  options: ProvisionOptions,
  deps: InfrastructureDeps,
): Promise<ProvisionResult> {
  const { target, terraform, dirLabel, name } = session;
  await terraform.validate();
  const { summary, taken } = await planTakingIn(session, file, deps);
  if (options.planFile !== undefined) await writeAtomically(options.planFile, `${JSON.stringify(summary, null, 2)}\n`);
  if (options.markdownFile !== undefined) {
    await writeAtomically(options.markdownFile, planMarkdown(summary, { name, cloud: target.cloud }));
  }
  const atRisk = await findDataAtRisk(session, summary, deps);
  if (atRisk.length > 0) {
    const refusal = dataAtRiskError(atRisk, dirLabel);
    if (!options.dryRun) throw refusal;
    deps.reporter.warn(`${refusal.message}, so it would be refused: ${atRisk.map(keptText).join(', ')}`);
  }
  const base = { cloud: target.cloud, dir: dirLabel, plan: summary };
  if (options.dryRun) return { ...base, action: 'plan', applied: null, outputs: null, next: [] };
  let applied: AppliedCounts | null = null;
  if (summary.hasChanges) applied = await confirmAndApply(session, { file, summary, set: options.set }, deps);
  const outputs = await readOutputs(terraform);
  await saveOutputs(session.dir, outputs);
  await forgetKept(
    session.dir,
    taken.map(({ arn }) => arn),
  );
  const next = nextSteps(target.cloud, outputs);
  return { ...base, action: applied === null ? 'none' : 'apply', applied, outputs, next };
}

async function confirmAndApply(
  session: Session,
  { file, summary, set }: { file: string; summary: PlanSummary; set: readonly string[] },
  deps: InfrastructureDeps,
): Promise<AppliedCounts> {
  await deps.show(planLines(summary));
  const danger = endangered(summary).length;
  const warning = danger === 0 ? '' : ` ${danger} of them take something away.`;
  if (!(await deps.confirm.yes(`Apply this plan (${countsText(summary)})?${warning}`))) {
    throw new OperationError('Not confirmed', { code: 'NOT_CONFIRMED', why: 'Nothing was changed.' });
  }
  if (set.length > 0) deps.reporter.note(setNote(set));
  const progress = await applyPlan(session, file, { title: 'Applying', again: 'mlops provision' }, deps);
  return progress.applied;
}

/** By name only: a value may be a secret. */
function setNote(set: readonly string[]): string {
  const names = set.map((pair) => pair.split('=', 1)[0]).join(', ');
  return `--set ${names} counts for this run only: the next one goes by infrastructure.variables of mlops.yaml`;
}
