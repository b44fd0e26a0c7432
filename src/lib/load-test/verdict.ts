import { type ExitCode, exitCodes } from '../base/errors/exit-codes.js';
import { formatCount } from '../base/units.js';
import type { Gate, Requests, Verdict } from './result.js';

/** Everything that went wrong, wherever it did: wrong answers, timeouts, lost requests and failed connects. */
export function errorCount(requests: Requests): number {
  const { failed, timeouts, lost, connectErrors, afterEnd } = requests;
  return failed + timeouts + lost + connectErrors + afterEnd.failed + afterEnd.timeouts + afterEnd.lost;
}

/**
 * `min-requests`: so many right answers inside the window. `errors`: none of the requests and connects failed, the
 * ones under way at the end included; an answer with a 4xx is an error too.
 */
export function judgeGates(requests: Requests, minRequests: number): readonly [Gate, Gate] {
  const errors = errorCount(requests);
  const attempts = requests.sent + requests.connectErrors;
  return [
    {
      name: 'min-requests',
      rule: `ok >= ${minRequests}`,
      value: requests.ok,
      threshold: minRequests,
      passed: requests.ok >= minRequests,
    },
    {
      name: 'errors',
      rule: 'errors == 0 %',
      // Significant digits, not decimals: one error in a million must not read as 0.
      value: errors === 0 ? 0 : Number(((errors / attempts) * 100).toPrecision(3)),
      threshold: 0,
      passed: errors === 0,
    },
  ];
}

/** Every failed gate with its numerator, its denominator and its rule. */
export function failureReasons(requests: Requests, gates: readonly Gate[], minRequests: number): string[] {
  const failed = new Set(gates.filter((gate) => !gate.passed).map((gate) => gate.name));
  const reasons: string[] = [];
  if (failed.has('min-requests')) {
    reasons.push(`${formatCount(requests.ok)} right answers, at least ${formatCount(minRequests)} were asked for`);
  } else if (requests.ok === 0) {
    reasons.push('not one right answer');
  }
  if (failed.has('errors')) {
    const attempts = formatCount(requests.sent + requests.connectErrors);
    reasons.push(`${formatCount(errorCount(requests))} errors in ${attempts} requests and connects, none is allowed`);
  }
  return reasons;
}

/** An interrupted test has no verdict on the target, and neither has one that did not measure what it says. */
export function decide(input: {
  interrupted: boolean;
  invalid: readonly string[];
  failed: readonly string[];
}): Verdict {
  if (input.interrupted) return 'interrupted';
  if (input.invalid.length > 0) return 'invalid';
  return input.failed.length > 0 ? 'fail' : 'pass';
}

export function exitCodeOf(verdict: Verdict): ExitCode {
  if (verdict === 'pass') return exitCodes.done.code;
  if (verdict === 'fail') return exitCodes.verdict.code;
  return verdict === 'invalid' ? exitCodes.invalid.code : exitCodes.interrupted.code;
}
