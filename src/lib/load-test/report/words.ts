import { formatCount } from '../../base/units.js';
import type { Gate, Verdict } from '../result.js';

export const verdictWords: Record<Verdict, string> = {
  pass: 'PASS',
  fail: 'FAIL',
  invalid: 'INVALID',
  interrupted: 'INTERRUPTED',
};

/** The measured value of a gate with its unit: requests, or per cent of them. */
export function measured({ name, value }: Gate): string {
  return name === 'min-requests' ? formatCount(value) : `${value} %`;
}

/** Both reports say what a closed test does not show. */
export const closedModelNote =
  'A closed test: a slow target slows the load down, so this is no claim about the latency at a rate that arrives from outside.';

/** A target that fails in a hundred ways is described by the most frequent. */
export const failuresShown = 8;
