import { UsageError } from '../../base/errors/mlops-error.js';
import { parseDuration } from '../../base/units.js';
import { containerPorts } from '../../project/ports.js';
import type { ResolvedServing } from '../../project/resolved.js';
import { logLevels } from '../log.js';
import type { ServeOptions } from '../options.js';
import { choosePort } from '../port.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A container has addresses of its own, and whoever may reach them is outside of it. */
const allAddresses = '0.0.0.0';

/**
 * The variables that `mlops serve` honours, over the configuration of the image. Throws UsageError `INVALID_PORT`,
 * `INVALID_DURATION` or `INVALID_VARIABLE`.
 */
export function containerOptions(resolved: ResolvedServing, env: Environment): Omit<ServeOptions, 'model'> {
  const { limits, drain, workers } = resolved.serve;
  const delay = env.MLOPS_DRAIN_DELAY;
  const level = env.MLOPS_LOG_LEVEL || 'info';
  const logLevel = logLevels.find((known) => known === level);
  if (logLevel === undefined) throw invalid('MLOPS_LOG_LEVEL', level, `one of ${logLevels.join(', ')}`);
  return {
    ...containerEndpoint(resolved, env),
    metricsPort: metricsPort(resolved, env),
    workers: wholeNumber(env, 'MLOPS_WORKERS', 1, 64) ?? workers,
    limits,
    drain: delay ? { ...drain, delayMs: parseDuration(delay) } : drain,
    slos: resolved.slos,
    logLevel,
    accessLog: /^(1|true|t|yes|y|on)$/i.test(env.MLOPS_ACCESS_LOG ?? ''),
  };
}

/** Where the container listens: on the port that `PORT`, by which platforms say it, or the configuration names. */
export function containerEndpoint({ serve }: ResolvedServing, env: Environment): { host: string; port: number } {
  const flag = wholeNumber(env, 'MLOPS_PORT', 0, 65_535);
  const port = choosePort({ flag, variable: env.PORT, configured: serve.port });
  // 0 asks for a free port, which nobody outside would know.
  return { host: env.MLOPS_HOST || allAddresses, port: port || containerPorts.service };
}

/** The image names one in its environment; with an empty variable and none in the configuration there is none. */
function metricsPort({ serve }: ResolvedServing, env: Environment): number | undefined {
  const port = wholeNumber(env, 'MLOPS_METRICS_PORT', 0, 65_535) ?? serve.metricsPort;
  return port === 0 ? containerPorts.metrics : port;
}

function wholeNumber(env: Environment, name: string, min: number, max: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw invalid(name, text, `a whole number from ${min} to ${max}`);
}

function invalid(name: string, value: string, expected: string): UsageError {
  return new UsageError(`${name} is '${value}', which is not valid`, {
    code: 'INVALID_VARIABLE',
    why: `Expected ${expected}.`,
    actions: ['Correct the environment of the container'],
  });
}
