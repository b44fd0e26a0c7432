import { formatCount } from '../base/units.js';
import { errorBudget } from '../slo/error-budget.js';
import { formatRatio, formatThreshold } from '../slo/format.js';
import { judge } from '../slo/judge.js';
import type { Slo } from '../slo/types.js';
import type { Gate, JudgedSlo, Requests } from './result.js';
import type { SloTally } from './shard.js';

const otherErrors = 'other-errors';

export function judgeSlos(slos: readonly Slo[], tally: SloTally): readonly JudgedSlo[] {
  return slos.map((slo, index) => ({ ...slo, ...judge(slo, tally.counts[index] ?? { counted: 0, good: 0 }) }));
}

/**
 * One gate for each SLO, and `other-errors` for what counts for none of them: 4xx and failed connects. They stand in place of
 * the gate `errors`, because an SLO is what says how many errors are too many.
 */
export function sloGates(slos: readonly JudgedSlo[], requests: Requests, { clientErrors }: SloTally): readonly Gate[] {
  const others = clientErrors + requests.connectErrors;
  return [
    ...slos.map((slo) => ({
      name: gateName(slo),
      rule: `${goodWords(slo)} >= ${formatRatio(slo.target)}`,
      value: slo.ratio === null ? 0 : percent(slo.ratio),
      threshold: percent(slo.target),
      passed: slo.met,
    })),
    {
      name: otherErrors,
      rule: '4xx and failed connects == 0 %',
      value: others === 0 ? 0 : Number(((others / (requests.sent + requests.connectErrors)) * 100).toPrecision(3)),
      threshold: 0,
      passed: others === 0,
    },
  ];
}

/** Every failed gate of an SLO with its numerator, its denominator and its rule. */
export function sloFailures(
  slos: readonly JudgedSlo[],
  gates: readonly Gate[],
  requests: Requests,
  { clientErrors }: SloTally,
): string[] {
  const failed = new Set(gates.filter((gate) => !gate.passed).map((gate) => gate.name));
  const reasons = slos
    .filter((slo) => failed.has(gateName(slo)))
    .map((slo) =>
      slo.ratio === null
        ? `${slo.name}: not one request counts for it`
        : `${slo.name}: ${formatCount(slo.counted - slo.good)} of ${formatCount(slo.counted)} requests were not ${goodWords(slo)}, ${formatRatio(errorBudget(slo))} may be`,
    );
  if (failed.has(otherErrors)) {
    reasons.push(
      `${formatCount(clientErrors)} answers with a 4xx and ${formatCount(requests.connectErrors)} failed connects, which count for no SLO; none is allowed`,
    );
  }
  return reasons;
}

/** What the run says about an SLO, in a line. */
export function sloSentence(slo: JudgedSlo): string {
  const { ratio, interval, target, counted, good, requestsToShow } = slo;
  if (ratio === null || interval === null) return 'not one request counts for it';
  const range = `${share(interval.low)} to ${share(interval.high)} with 95 % confidence`;
  const measured = `${formatCount(good)} of ${formatCount(counted)} ${goodWords(slo)}: ${share(ratio)} (${range}), target ${formatRatio(target)}`;
  if (slo.shown) return `${measured}: shown for this load`;
  if (interval.high < target) return `${measured}: missed, not by chance`;
  if (requestsToShow === null) return `${measured}: not met, and it may be chance`;
  return `${measured}: ${slo.met ? 'met, and it may be chance' : 'not met'}; ${formatCount(requestsToShow)} requests with this share would show it`;
}

/** What no load test can show. */
export function sloLimits(slos: readonly JudgedSlo[], measuredSeconds: number): string {
  const days = Math.max(...slos.map(({ windowMs }) => windowMs)) / 86_400_000;
  return `${measuredSeconds.toFixed(0)} s at one load are not ${Number(days.toPrecision(3))} days: deploys, failures of machines and quiet hours are not in it. It shows what this server does under this load, not that the target holds over its window.`;
}

function gateName({ name }: Slo): string {
  return `slo:${name}`;
}

function goodWords(slo: Slo): string {
  return slo.sli === 'latency' ? `good within ${formatThreshold(slo.thresholdMs)}` : 'good';
}

/** Rounded, but never across the target: 99.95 % against 99.9 % must not read as 99.9 %. */
function percent(ratio: number): number {
  return Number((ratio * 100).toPrecision(8));
}

function share(ratio: number): string {
  return formatRatio(ratio, 6);
}
