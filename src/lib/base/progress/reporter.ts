/**
 * How a feature tells a person what is going on. Implementations live in `cli/` (a terminal, log lines, silence);
 * a feature never knows which one it has. Nothing that goes through a Reporter is a result.
 */
export interface Reporter {
  /** Opens a step of long work. Exactly one of `succeed` and `fail` ends it. */
  step(title: string): Step;
  /** One line of information. */
  note(message: string): void;
  /** One line that a person should not overlook. */
  warn(message: string): void;
}

export interface Step {
  /** Replaces the live text beside the title; called as often as the work likes, shown as often as the medium allows. */
  update(text: string): void;
  /** Ends the step; `text` replaces the title when given. */
  succeed(text?: string): void;
  fail(text?: string): void;
}

/** Runs `work` as one step: it ends as failed when `work` throws, else as succeeded with what `done` says of the result. */
export async function inStep<T>(
  reporter: Reporter,
  title: string,
  work: (step: Step) => Promise<T>,
  done?: (result: T) => string,
): Promise<T> {
  const step = reporter.step(title);
  let result: T;
  try {
    result = await work(step);
  } catch (error) {
    step.fail();
    throw error;
  }
  step.succeed(done?.(result));
  return result;
}

/** A Reporter that says nothing. */
export const silentReporter: Reporter = {
  step: () => ({ update() {}, succeed() {}, fail() {} }),
  note() {},
  warn() {},
};
