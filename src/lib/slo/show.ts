import { type BurnRule, burnRules, type Severity } from './burn-rate.js';
import { noServerForMs } from './compile/servers.js';
import { windowName } from './compile/windows.js';
import { defaultMinBadRequests } from './defaults.js';
import { budgetMs, budgetRequests, errorBudget } from './error-budget.js';
import { type Finding, lintSlos } from './lint.js';
import { type SloSite, type SloSources, type SourceOf, sloSources } from './sources.js';
import type { Slo } from './types.js';

/** The result of `mlops slo show`. Ratios are 0 to 1. */
export interface SloOverview {
  readonly slos: readonly ShownSlo[];
  readonly findings: readonly Finding[];
  /** How long it takes until somebody is paged when no server answers at all: nothing is counted then, and nothing burns. */
  readonly noServerPageAfterMinutes: number;
  /** Where each kind of target gets its numbers from, or why it has none. */
  readonly sources: Readonly<Record<keyof SloSources, ShownSource>>;
}

export interface ShownSlo {
  readonly name: string;
  readonly sli: Slo['sli'];
  readonly thresholdMs: number | null;
  readonly target: number;
  readonly window: string;
  readonly budget: {
    readonly ratio: number;
    /** Of a complete outage. */
    readonly minutes: number;
    /** Null when the rate of requests is not known. */
    readonly requests: number | null;
  };
  /** No alert on fewer bad requests than this within its long window. */
  readonly minBadRequests: number;
  readonly alerts: readonly ShownAlert[];
}

export interface ShownAlert {
  readonly severity: Severity;
  readonly longWindow: string;
  readonly shortWindow: string;
  readonly factor: number;
  readonly errorRatio: number;
  /** The share of the budget that is gone when the alert fires at exactly its factor. */
  readonly budgetShare: number;
  /** After the start of an outage in which servers answer every request, with 5xx, and traffic is steady. */
  readonly firesAfterMinutes: number | null;
}

export type ShownSource = { readonly from: string } | { readonly missing: string; readonly actions: readonly string[] };

export interface ShowContext {
  readonly site: SloSite;
  /** Requests per second. */
  readonly rate: number | undefined;
  readonly timeoutMs: number;
  /** The model transcribes. */
  readonly isSpeech?: boolean;
}

export function showSlos(slos: readonly Slo[], { site, ...context }: ShowContext): SloOverview {
  const { loadTest, prometheus, cloudwatch } = sloSources(site);
  return {
    slos: slos.map((slo) => shown(slo, context.rate)),
    findings: lintSlos(slos, context),
    noServerPageAfterMinutes: noServerForMs / 60_000,
    sources: {
      loadTest: shownSource(loadTest),
      prometheus: shownSource(prometheus),
      cloudwatch: shownSource(cloudwatch),
    },
  };
}

function shown(slo: Slo, rate: number | undefined): ShownSlo {
  return {
    name: slo.name,
    sli: slo.sli,
    thresholdMs: slo.sli === 'latency' ? slo.thresholdMs : null,
    target: slo.target,
    window: windowName(slo.windowMs),
    budget: {
      ratio: errorBudget(slo),
      minutes: budgetMs(slo) / 60_000,
      requests: rate === undefined ? null : budgetRequests(slo, rate),
    },
    minBadRequests: slo.minBadRequests ?? defaultMinBadRequests,
    alerts: burnRules(slo).map(({ severity, longMs, shortMs, factor, errorRatio, budgetShare, minBadRequests }) => ({
      severity,
      longWindow: windowName(longMs),
      shortWindow: windowName(shortMs),
      factor,
      errorRatio,
      budgetShare,
      firesAfterMinutes: firesAfterMinutes({ longMs, errorRatio, minBadRequests }, rate),
    })),
  };
}

/** With every request bad, the ratio over the long window rises from 0 to 1 as it fills; the short one is ahead of it. */
function firesAfterMinutes(
  { longMs, errorRatio, minBadRequests }: Pick<BurnRule, 'longMs' | 'errorRatio' | 'minBadRequests'>,
  rate = Number.POSITIVE_INFINITY,
): number | null {
  const enoughMs = (minBadRequests / rate) * 1_000;
  return enoughMs > longMs ? null : Math.max(errorRatio * longMs, enoughMs) / 60_000;
}

function shownSource(source: SourceOf<unknown>): ShownSource {
  return source.available ? { from: source.from } : { missing: source.why, actions: source.actions };
}
