import { type Environment, wholeNumber } from '../../base/variables.js';
import { containerPorts } from '../../project/ports.js';
import type { ResolvedServing } from '../../project/resolved.js';
import { choosePort } from '../port.js';

/** A container has addresses of its own, and whoever may reach them is outside of it. */
const allAddresses = '0.0.0.0';

/** Where the container listens: on the port that `PORT`, by which platforms say it, or the configuration names. */
export function containerEndpoint({ serve }: ResolvedServing, env: Environment): { host: string; port: number } {
  const flag = wholeNumber(env, 'MLOPS_PORT', 0, 65_535);
  const port = choosePort({ flag, variable: env.PORT, configured: serve.port });
  // 0 asks for a free port, which nobody outside would know.
  return { host: env.MLOPS_HOST || allAddresses, port: port || containerPorts.service };
}
