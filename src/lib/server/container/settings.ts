import { parseDuration } from '../../base/units.js';
import { type Environment, invalidVariable, wholeNumber } from '../../base/variables.js';
import { containerPorts } from '../../project/ports.js';
import type { ResolvedServing } from '../../project/resolved.js';
import { logLevels } from '../log.js';
import type { HttpServeOptions, ServeOptions } from '../options.js';
import { containerEndpoint } from './endpoint.js';

/**
 * The variables that `mlops serve` honours, over the configuration of the image. Throws UsageError `INVALID_PORT`,
 * `INVALID_DURATION` or `INVALID_VARIABLE`.
 */
export function containerOptions(resolved: ResolvedServing, env: Environment): Omit<ServeOptions, 'model'> {
  const { audio: _audio, ...limits } = resolved.serve.limits;
  return { ...httpOptions(resolved, env), workers: workersOf(resolved, env) ?? 1, limits };
}

/** Processes of a server of predictions, threads of one of recordings; undefined when nobody says. */
export function workersOf({ serve }: ResolvedServing, env: Environment): number | undefined {
  return wholeNumber(env, 'MLOPS_WORKERS', 1, 64) ?? serve.workers;
}

/** What goes for every kind of model. Throws as `containerOptions` does. */
export function httpOptions(resolved: ResolvedServing, env: Environment): HttpServeOptions {
  const { drain } = resolved.serve;
  const delay = env.MLOPS_DRAIN_DELAY;
  const level = env.MLOPS_LOG_LEVEL || 'info';
  const logLevel = logLevels.find((known) => known === level);
  if (logLevel === undefined) throw invalidVariable('MLOPS_LOG_LEVEL', level, `one of ${logLevels.join(', ')}`);
  return {
    ...containerEndpoint(resolved, env),
    metricsPort: metricsPort(resolved, env),
    drain: delay ? { ...drain, delayMs: parseDuration(delay) } : drain,
    slos: resolved.slos,
    logLevel,
    accessLog: /^(1|true|t|yes|y|on)$/i.test(env.MLOPS_ACCESS_LOG ?? ''),
  };
}

/** The image names one in its environment; with an empty variable and none in the configuration there is none. */
function metricsPort({ serve }: ResolvedServing, env: Environment): number | undefined {
  const port = wholeNumber(env, 'MLOPS_METRICS_PORT', 0, 65_535) ?? serve.metricsPort;
  return port === 0 ? containerPorts.metrics : port;
}
