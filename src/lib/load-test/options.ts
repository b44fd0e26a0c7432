import { UsageError } from '../base/errors/mlops-error.js';
import { formatCount, formatDuration } from '../base/units.js';
import type { Slo } from '../slo/types.js';
import { type HttpMethod, httpMethods } from './request.js';

/** A load test as it was asked for. */
export interface LoadTestOptions {
  /** Without one, the model is served for the test. */
  readonly url: string | undefined;
  readonly connections: number;
  readonly durationMs: number;
  readonly threads: number;
  readonly timeoutMs: number;
  /** Right answers within the duration. */
  readonly minRequests: number;
  readonly method: string | undefined;
  /** `Name: value` each. */
  readonly headers: readonly string[];
  /** JSON, or `@FILE`. */
  readonly body: string | undefined;
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** Judge by these instead of allowing no error at all. */
  readonly slos?: readonly Slo[] | undefined;
}

interface Limit {
  readonly flag: string;
  readonly min: number;
  readonly max: number;
  readonly show: (value: number) => string;
}

const limits: Readonly<Record<'connections' | 'durationMs' | 'threads' | 'timeoutMs' | 'minRequests', Limit>> = {
  // One address has about 64,000 local ports towards one target.
  connections: { flag: '--connections', min: 1, max: 65_535, show: formatCount },
  durationMs: { flag: '--duration', min: 100, max: 86_400_000, show: formatDuration },
  threads: { flag: '--threads', min: 1, max: 256, show: formatCount },
  timeoutMs: { flag: '--timeout', min: 1, max: 3_600_000, show: formatDuration },
  minRequests: { flag: '--min-requests', min: 0, max: Number.MAX_SAFE_INTEGER, show: formatCount },
};

/** Throws UsageError `INVALID_LOAD` naming the limit, before anything is started. */
export function checkOptions(options: LoadTestOptions): void {
  for (const [name, { flag, min, max, show }] of Object.entries(limits) as [keyof typeof limits, Limit][]) {
    const value = options[name];
    if (value >= min && value <= max) continue;
    invalid(`${flag} ${show(value)} is out of range`, `Expected ${show(min)} to ${show(max)}.`);
  }
  if (options.connections < options.threads) {
    invalid(
      `${options.connections} connections cannot be shared by ${options.threads} threads`,
      'Every thread needs at least one connection.',
    );
  }
}

/** Throws UsageError `INVALID_METHOD`. */
export function parseMethod(text: string): HttpMethod {
  const method = httpMethods.find((name) => name === text.toUpperCase());
  if (method !== undefined) return method;
  throw new UsageError(`--method ${text} is not supported`, {
    code: 'INVALID_METHOD',
    why: `Expected one of ${httpMethods.join(', ')}.`,
  });
}

function invalid(message: string, why: string): never {
  throw new UsageError(message, { code: 'INVALID_LOAD', why, actions: ['mlops load-test --help'] });
}
