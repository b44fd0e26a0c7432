import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InterruptedError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import type { InfrastructureDeps } from './deps.js';
import { requireUnchangedVariables } from './folder/variables.js';
import { countsText } from './plan/lines.js';
import type { RawPlan } from './plan/raw.js';
import { type PlanSummary, summarizePlan } from './plan/summary.js';
import { ApplyProgress } from './progress.js';
import type { Session } from './session.js';
import { describeDiagnostic } from './terraform/diagnostics.js';

/** Live text is renewed this often: terraform itself speaks every ten seconds. */
const refreshMs = 1000;

/** A plan file in a folder of its own that nobody else can read; it is gone afterwards, because it may hold secrets. */
export async function withPlanFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'mlops-plan-'));
  try {
    return await work(join(dir, 'tfplan'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Plans into `file` and reads it back as people read it. */
export async function makePlan(
  { terraform, dir, variables }: Session,
  file: string,
  options: { destroy?: boolean },
  deps: InfrastructureDeps,
): Promise<PlanSummary> {
  return await inStep(
    deps.reporter,
    'Planning',
    async (step) => {
      let read = 0;
      const warnings = await terraform.plan(file, options, (event) => {
        if (event.type !== 'refresh_complete') return;
        read += 1;
        step.update(`${read} resources read, now ${event.address}`);
      });
      await chmod(file, 0o600);
      await requireUnchangedVariables(dir, variables);
      for (const warning of warnings) deps.reporter.warn(describeDiagnostic(warning).replaceAll('\n', ' '));
      return summarizePlan(await terraform.show<RawPlan>(file));
    },
    (summary) => `Plan: ${countsText(summary)}`,
  );
}

/**
 * Applies the plan in `file` with live progress. Throws InterruptedError with what was done, or the error that terraform's
 * failure amounts to.
 */
export async function applyPlan(
  { terraform }: Session,
  file: string,
  options: { title: string; again: string },
  deps: InfrastructureDeps,
): Promise<ApplyProgress> {
  const progress = new ApplyProgress(deps.now);
  return await inStep(
    deps.reporter,
    options.title,
    async (step) => {
      const show = () => step.update(progress.text());
      const timer = setInterval(show, refreshMs);
      const announce = () => {
        deps.reporter.warn('Interrupted: terraform finishes what is in flight and saves its state. Please wait.');
      };
      deps.interrupts.stop.addEventListener('abort', announce, { once: true });
      try {
        const outcome = await terraform.apply(file, (event) => {
          progress.see(event);
          if (event.type !== 'other') show();
        });
        if (outcome.exitCode !== 0 && deps.interrupts.stop.aborted) interrupted(progress, options.again, deps);
        const done = `${progress.count} changes were made and are in the state: the next run goes on from there.`;
        await terraform.must('apply', outcome, done);
        return progress;
      } finally {
        clearInterval(timer);
        deps.interrupts.stop.removeEventListener('abort', announce);
      }
    },
    () => `${options.title}: ${progress.count} done`,
  );
}

function interrupted(progress: ApplyProgress, again: string, { interrupts }: InfrastructureDeps): never {
  const unfinished = progress.failed.length === 0 ? [] : [`Not finished: ${progress.failed.join(', ')}.`];
  const state = interrupts.giveUp.aborted
    ? 'Terraform was made to give up at once: what was in flight may exist without being in the state, and its lock may still be held.'
    : 'The state is saved and its lock is released.';
  throw new InterruptedError(`Interrupted: ${progress.count} changes were made`, {
    why: [state, ...unfinished].join('\n'),
    actions: [`Run \`${again}\` again to go on`],
  });
}
