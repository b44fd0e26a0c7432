import { InterruptedError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import type { AlarmsDeps } from './deps.js';

export interface Work {
  readonly title: string;
  readonly run: () => Promise<void>;
}

/**
 * Does one thing after another: CloudWatch takes few changes a second, and some need what came before. Ctrl-C ends between
 * two of them. Whatever ends it early, what is done is said.
 */
export async function runInOrder(
  title: string,
  work: readonly Work[],
  { reporter, stop }: Pick<AlarmsDeps, 'reporter' | 'stop'>,
): Promise<void> {
  let done = 0;
  const soFar = () => `${done} of ${work.length} changes are made; the same command makes the rest.`;
  await inStep(
    reporter,
    title,
    async (step) => {
      for (const item of work) {
        if (stop.aborted) throw new InterruptedError(`Interrupted while ${title.toLowerCase()}`, { why: soFar() });
        step.update(`${done + 1} of ${work.length}: ${item.title}`);
        try {
          await item.run();
        } catch (error) {
          reporter.warn(soFar());
          throw error;
        }
        done += 1;
      }
    },
    () => `${title}: ${work.length === 1 ? 'one change' : `${work.length} changes`}`,
  );
}
