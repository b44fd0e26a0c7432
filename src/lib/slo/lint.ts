import { UsageError } from '../base/errors/mlops-error.js';
import { formatCount, formatDuration } from '../base/units.js';
import { durationEdgesWith } from './buckets.js';
import { type BurnRule, burnRules, burnWindows } from './burn-rate.js';
import { windowName } from './compile/windows.js';
import { defaultMinBadRequests, defaultSpeechThresholdMs, speechShare } from './defaults.js';
import { errorBudget } from './error-budget.js';
import { formatRatio, formatThreshold } from './format.js';
import type { Slo } from './types.js';

/** An `error` is refused wherever something is made of the SLO, a `warning` should be read, a `note` explains. */
export interface Finding {
  readonly slo: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
}

export interface LintContext {
  /** Requests per second that are expected; undefined: unknown. */
  readonly rate?: number | undefined;
  /** `serve.limits.timeout`, of a speech model `serve.limits.audio.timeout`. */
  readonly timeoutMs?: number | undefined;
  /** The model transcribes: an answer takes a share of its recording's duration. */
  readonly isSpeech?: boolean;
  /** Edges of the server's histogram in seconds, if they are not those of these SLOs. */
  readonly edgesS?: readonly number[];
}

/** What is said to a machine and answered by it takes no less; shorter thresholds are those of models that predict. */
const shortestForSpeechMs = 1_000;

/** What is wrong with the SLOs, or worth knowing. */
export function lintSlos(slos: readonly Slo[], context: LintContext = {}): readonly Finding[] {
  return slos.flatMap((slo) => [
    ...lintThreshold(slo, context.edgesS ?? durationEdgesWith(slos), context),
    ...lintRules(slo),
    ...(context.rate === undefined ? [] : lintTraffic(slo, context.rate)),
  ]);
}

/** Throws UsageError `SLO_NONE` when there is nothing to judge by. */
export function requireSlos(slos: readonly Slo[]): readonly Slo[] {
  if (slos.length > 0) return slos;
  throw new UsageError('The project has no SLOs', {
    code: 'SLO_NONE',
    why: 'slos in mlops.yaml is an empty list.',
    actions: ['Take it out for the default ones, then look at them: mlops slo show'],
  });
}

/** Throws UsageError `SLO_INVALID` that lists every error. */
export function checkSlos(slos: readonly Slo[], context: LintContext = {}): void {
  const errors = lintSlos(slos, context).filter(({ level }) => level === 'error');
  if (errors.length === 0) return;
  throw new UsageError(errors.length === 1 ? 'An SLO cannot be watched' : `${errors.length} problems with the SLOs`, {
    code: 'SLO_INVALID',
    why: errors.map(({ slo, message }) => `${slo}: ${message}`).join('\n'),
    actions: ['Change slos in mlops.yaml, then look at it: mlops slo show'],
  });
}

/** What a server should know of the thresholds that it counts by: those that no model of its kind can keep, or miss. */
export function thresholdWarnings(
  slos: readonly Slo[],
  context: Pick<LintContext, 'timeoutMs' | 'isSpeech'>,
): string[] {
  const found = slos.flatMap((slo) => [...lintThreshold(slo, durationEdgesWith(slos), context)]);
  return found.map(({ slo, message }) => `SLO ${slo}: ${message}`);
}

function* lintThreshold(
  slo: Slo,
  edgesS: readonly number[],
  { timeoutMs, isSpeech = false }: Pick<LintContext, 'timeoutMs' | 'isSpeech'>,
): Generator<Finding> {
  if (slo.sli !== 'latency') return;
  if (!(slo.thresholdMs > 0)) {
    yield finding(slo, 'error', 'the threshold is 0: no request is that fast');
  } else if (!edgesS.includes(slo.thresholdMs / 1000)) {
    yield finding(
      slo,
      'error',
      `the threshold of ${formatThreshold(slo.thresholdMs)} is no edge of the server's histogram (${edgesS.join(', ')} s); it is one when the server runs with these slos`,
    );
  }
  if (isSpeech && slo.thresholdMs < shortestForSpeechMs) {
    const audio = formatThreshold(slo.thresholdMs / speechShare);
    const usual = formatThreshold(defaultSpeechThresholdMs);
    yield finding(
      slo,
      'warning',
      `within ${formatThreshold(slo.thresholdMs)} a speech model transcribes recordings of up to ${audio}: a thread takes about 3 s for each minute; the default is ${usual}`,
    );
  }
  if (timeoutMs !== undefined && slo.thresholdMs >= timeoutMs) {
    yield finding(
      slo,
      'warning',
      `no answer can be slower than the threshold of ${formatThreshold(slo.thresholdMs)}: ${isSpeech ? 'serve.limits.audio.timeout' : 'serve.limits.timeout'} answers 504 after ${formatDuration(timeoutMs)}`,
    );
  }
}

function* lintRules(slo: Slo): Generator<Finding> {
  const rules = burnRules(slo);
  const window = windowName(slo.windowMs);
  if (rules.length === 0) {
    const shortest = Math.min(...burnWindows.map(({ longMs }) => longMs));
    yield finding(
      slo,
      'error',
      `the window of ${window} is too short: alerts look back ${windowName(shortest)} or more`,
    );
    return;
  }
  const dropped = burnWindows.filter(({ longMs }) => longMs >= slo.windowMs).map(({ longMs }) => windowName(longMs));
  if (dropped.length > 0) {
    yield finding(slo, 'warning', `no alert over ${dropped.join(' and ')}: the SLO's own window is only ${window}`);
  }
  for (const rule of rules) if (rule.loweredFrom !== undefined) yield lowered(slo, rule, rule.loweredFrom);
}

function lowered(slo: Slo, { severity, longMs, factor }: BurnRule, from: number): Finding {
  const budget = errorBudget(slo);
  const most = Number((1 / budget).toPrecision(3));
  return finding(
    slo,
    'note',
    `the ${severity} over ${windowName(longMs)} fires at ${short(factor)} times the even pace instead of ${short(from)}: with a target of ${formatRatio(slo.target)} even a complete outage burns only ${most} times as fast`,
  );
}

function* lintTraffic(slo: Slo, rate: number): Generator<Finding> {
  for (const rule of burnRules(slo)) {
    const { shortMs } = rule;
    const message = lowTraffic(rule, rate);
    if (message !== undefined) yield finding(slo, 'warning', `low traffic: ${message}`);
    if ((rate * shortMs) / 1000 < 1) {
      yield finding(slo, 'warning', `low traffic: not one request is expected within ${windowName(shortMs)}`);
    }
  }
}

/** What a rule is worth when so few requests come that a handful of them is a high ratio; undefined: what it says. */
function lowTraffic(rule: BurnRule, rate: number): string | undefined {
  const { severity, longMs, errorRatio, minBadRequests } = rule;
  const window = windowName(longMs);
  const expected = (rate * longMs) / 1000;
  const bad = expected * errorRatio;
  const waits = `the ${severity} over ${window} waits for ${formatCount(minBadRequests)} bad requests (minBadRequests)`;
  if (expected < minBadRequests) return `${waits}, and not so many are expected within ${window} at all`;
  if (bad < minBadRequests && minBadRequests >= defaultMinBadRequests) {
    return `${waits}, ${formatRatio(minBadRequests / expected, 3)} of those expected within ${window} instead of ${formatRatio(errorRatio, 3)}; send synthetic requests to see less`;
  }
  const needed = Math.max(minBadRequests, Math.ceil(bad));
  if (needed >= defaultMinBadRequests) return undefined;
  return `${needed === 1 ? 'a single bad request sets' : `${needed} bad requests set`} off the ${severity} over ${window}; raise minBadRequests, lower the target, or send synthetic requests`;
}

function finding(slo: Slo, level: Finding['level'], message: string): Finding {
  return { slo: slo.name, level, message };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
