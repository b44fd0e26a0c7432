import { type AttributeChange, changedAttributes } from './attributes.js';
import type { RawChange, RawPlan, RawResourceChange } from './raw.js';

export type PlannedAction = 'create' | 'change' | 'replace' | 'destroy' | 'import' | 'forget';

export interface PlannedChange {
  readonly address: string;
  /** The resource type, such as `aws_s3_bucket`: people group a plan by it. */
  readonly kind: string;
  readonly action: PlannedAction;
  /** Terraform's word for why, such as `replace_because_cannot_update`. */
  readonly reason: string | null;
  /** For change and replace. */
  readonly attributes: readonly AttributeChange[];
}

export interface DriftedResource {
  readonly address: string;
  readonly kind: string;
  readonly gone: boolean;
  readonly attributes: readonly AttributeChange[];
}

/** A plan as people read it. It holds no sensitive value: terraform's own plan does. */
export interface PlanSummary {
  readonly format: 1;
  readonly terraformVersion: string;
  readonly hasChanges: boolean;
  readonly counts: Readonly<Record<PlannedAction, number>>;
  readonly changes: readonly PlannedChange[];
  /** What was changed outside of terraform since the last run. */
  readonly drift: readonly DriftedResource[];
  readonly outputs: ReadonlyArray<{ readonly name: string; readonly action: string; readonly sensitive: boolean }>;
}

/** Terraform's JSON plan (`show -json PLAN`) -> what it would do. */
export function summarizePlan(plan: RawPlan): PlanSummary {
  const changes = (plan.resource_changes ?? []).flatMap(plannedChange);
  const counts = { create: 0, change: 0, replace: 0, destroy: 0, import: 0, forget: 0 };
  for (const { action } of changes) counts[action] += 1;
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, { actions }]) => actions[0] !== 'no-op')
    .map(([name, change]) => ({
      name,
      action: plainAction(change) ?? 'change',
      sensitive: change.before_sensitive === true || change.after_sensitive === true,
    }));
  return {
    format: 1,
    terraformVersion: plan.terraform_version ?? 'unknown',
    hasChanges: changes.length > 0 || outputs.length > 0,
    counts,
    changes: changes.sort((a, b) => a.kind.localeCompare(b.kind) || a.address.localeCompare(b.address)),
    drift: findDrift(plan, changes),
    outputs,
  };
}

/** Changes that take something away, and what: the ones to look at twice. */
export function endangered(summary: PlanSummary): readonly PlannedChange[] {
  return summary.changes.filter(({ action }) => action === 'destroy' || action === 'replace');
}

function plannedChange(raw: RawResourceChange): PlannedChange[] {
  const action = raw.mode === 'data' ? undefined : plainAction(raw.change);
  if (action === undefined) return [];
  const address = raw.deposed === undefined ? raw.address : `${raw.address} (deposed ${raw.deposed})`;
  const attributes = action === 'change' || action === 'replace' ? changedAttributes(raw.change) : [];
  return [{ address, kind: raw.type, action, reason: raw.action_reason ?? null, attributes }];
}

/** Terraform's list of actions as one word; undefined for `no-op` and `read`. */
function plainAction({ actions, importing }: RawChange): PlannedAction | undefined {
  const has = (action: string) => actions.includes(action);
  if (has('create')) return has('delete') || has('forget') ? 'replace' : 'create';
  if (has('update')) return 'change';
  if (has('delete')) return 'destroy';
  if (has('forget')) return 'forget';
  return importing === undefined ? undefined : 'import';
}

/**
 * Terraform reports every difference that reading brought, down to a null that came back as an empty map. What people
 * call drift is what the plan answers to: it puts the attribute back, or something else depends on it.
 */
function findDrift(plan: RawPlan, changes: readonly PlannedChange[]): DriftedResource[] {
  const answered = new Set(
    changes.flatMap(({ address, attributes }) => attributes.map(({ path }) => `${address} ${topLevel(path)}`)),
  );
  for (const { resource, attribute } of plan.relevant_attributes ?? []) answered.add(`${resource} ${attribute[0]}`);
  return (plan.resource_drift ?? []).flatMap(({ address, type, change }): DriftedResource[] => {
    if (change.actions.includes('delete')) return [{ address, kind: type, gone: true, attributes: [] }];
    const attributes = changedAttributes(change).filter(({ path }) => answered.has(`${address} ${topLevel(path)}`));
    return attributes.length === 0 ? [] : [{ address, kind: type, gone: false, attributes }];
  });
}

/** `ingress[0].cidr_blocks` -> `ingress` */
function topLevel(path: string): string {
  return path.replace(/[.[].*$/, '');
}
