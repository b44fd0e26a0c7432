import { MlopsError } from '../base/errors/mlops-error.js';
import type { InfrastructureDeps } from './deps.js';
import type { Kept } from './destroy/retained.js';
import { findTakeable, writeImports } from './kept-record.js';
import type { PlanSummary } from './plan/summary.js';
import { makePlan } from './plan-step.js';
import type { Session } from './session.js';

/**
 * Plans, and takes in again what a former destroy kept. What the configuration no longer has (storage switched off, a
 * block that the user removed) stays outside.
 */
export async function planTakingIn(
  session: Session,
  file: string,
  deps: InfrastructureDeps,
): Promise<{ summary: PlanSummary; taken: readonly Kept[] }> {
  let taken = session.aws === undefined ? [] : await findTakeable(session.dir, session.aws);
  if (taken.length > 0) {
    deps.reporter.note(`Taking in again what a former destroy kept: ${taken.map(({ name }) => name).join(', ')}`);
  }
  for (;;) {
    await writeImports(session.dir, taken);
    try {
      return { summary: await makePlan(session, file, {}, deps), taken };
    } catch (error) {
      const missing = missingTargets(error);
      const wasTaken = taken.some(({ resources }) => resources.some(({ address }) => missing.has(address)));
      // What is missing of somebody else's would be missing the next time too.
      if (!wasTaken) throw error;
      const rest = taken.flatMap((item) => without(item, missing) ?? []);
      const left = taken.filter(({ arn }) => rest.every((item) => item.arn !== arn)).map(({ name }) => name);
      if (left.length > 0) {
        deps.reporter.note(`Not part of the configuration any more, so it stays outside: ${left.join(', ')}`);
      }
      taken = rest;
    }
  }
}

/** Addresses that terraform says have no configuration to be imported into. */
function missingTargets(error: unknown): ReadonlySet<string> {
  const why = error instanceof MlopsError ? (error.why ?? '') : '';
  return new Set([...why.matchAll(/given import (\S+) does not exist/g)].map(([, address]) => address ?? ''));
}

/** Without the missing resources; undefined when the first, the thing itself, is among them. */
function without(item: Kept, missing: ReadonlySet<string>): Kept | undefined {
  const resources = item.resources.filter(({ address }) => !missing.has(address));
  return resources[0] === item.resources[0] ? { ...item, resources } : undefined;
}
