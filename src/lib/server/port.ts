import { UsageError } from '../base/errors/mlops-error.js';

export interface PortSources {
  /** `--port`, or `MLOPS_PORT`. */
  readonly flag: number | undefined;
  /** The variable `PORT`, by which Cloud Run and others tell a container where to listen. */
  readonly variable: string | undefined;
  /** `serve.port` of mlops.yaml, or its default. */
  readonly configured: number;
}

/** The first that is given. Throws UsageError `INVALID_PORT` when the variable decides and is no port. */
export function choosePort({ flag, variable, configured }: PortSources): number {
  if (flag !== undefined) return flag;
  if (variable === undefined || variable.trim() === '') return configured;
  const port = Number(variable);
  if (/^\s*\d{1,5}\s*$/.test(variable) && port <= 65_535) return port;
  throw new UsageError(`PORT is '${variable}', which is no port`, {
    code: 'INVALID_PORT',
    why: 'The variable PORT says where to listen: a number from 0 to 65535.',
    actions: ['mlops serve --port 8080', 'unset PORT'],
  });
}
