import { Agent } from 'node:http';
import { describeError } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';
import { type AnswerCheck, judge, parsePredictions, predictionsCheck } from './answer-check.js';
import { type AskOptions, ask } from './ask.js';
import { excerpt } from './excerpt.js';
import type { RequestPlan } from './request-plan.js';

/**
 * Asks each request once, alone, and holds the answers under load against these: a server that mixes up the rows of
 * a batch answers fast, with integers, and wrong.
 * Throws OperationError `REFERENCE_FAILED` when one is not answered with a prediction even when the target is idle.
 */
export async function withReferences(plan: RequestPlan, options: Omit<AskOptions, 'agent'>): Promise<AnswerCheck> {
  if (plan.check.kind !== 'predictions') return plan.check;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const expected: number[][] = [];
    for (const [index, request] of plan.requests.entries()) {
      const { status, body } = await ask(plan.target, request, { ...options, agent }).catch((error: unknown) => {
        options.signal.throwIfAborted();
        throw failed(index, plan, describeError(error));
      });
      const reason = judge(plan.check, index, { status, truncated: false, body: () => body });
      if (reason !== undefined) throw failed(index, plan, `${reason}: ${excerpt(body)}`);
      expected.push(parsePredictions(body) as number[]);
    }
    return predictionsCheck(plan.check.rows, expected);
  } finally {
    agent.destroy();
  }
}

function failed(index: number, plan: RequestPlan, why: string): OperationError {
  return new OperationError(`Request ${index + 1} of ${plan.requests.length} failed before there was any load`, {
    code: 'REFERENCE_FAILED',
    why,
    actions: ['mlops predict --input ROWS', 'Send another request: --body'],
  });
}
