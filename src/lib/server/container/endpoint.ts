import { UsageError } from '../../base/errors/mlops-error.js';
import { containerPorts } from '../../project/ports.js';
import type { ResolvedServing } from '../../project/resolved.js';
import { choosePort } from '../port.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A container has addresses of its own, and whoever may reach them is outside of it. */
const allAddresses = '0.0.0.0';

/** Where the container listens: on the port that `PORT`, by which platforms say it, or the configuration names. */
export function containerEndpoint({ serve }: ResolvedServing, env: Environment): { host: string; port: number } {
  const flag = wholeNumber(env, 'MLOPS_PORT', 0, 65_535);
  const port = choosePort({ flag, variable: env.PORT, configured: serve.port });
  // 0 asks for a free port, which nobody outside would know.
  return { host: env.MLOPS_HOST || allAddresses, port: port || containerPorts.service };
}

/** A variable that is empty is not there. Throws UsageError `INVALID_VARIABLE`. */
export function wholeNumber(env: Environment, name: string, min: number, max: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw invalid(name, text, `a whole number from ${min} to ${max}`);
}

export function invalid(name: string, value: string, expected: string): UsageError {
  return new UsageError(`${name} is '${value}', which is not valid`, {
    code: 'INVALID_VARIABLE',
    why: `Expected ${expected}.`,
    actions: ['Correct the environment of the container'],
  });
}
