import type { Reporter } from '../../base/progress/reporter.js';
import type { DockerNetworks } from '../../platform/docker/networks.js';
import type { Docker } from '../../platform/docker/types.js';
import type { ProcessIdentity } from '../../platform/process/identity.js';
import type { Ledger } from './ledger.js';

/** What the steps of a deploy to the Docker daemon share. */
export interface DockerPlace {
  readonly docker: Docker;
  readonly networks: DockerNetworks;
  readonly ledger: Ledger;
  readonly reporter: Reporter;
  /** Names the containers. */
  readonly service: string;
  readonly timeoutMs: number;
  readonly self: ProcessIdentity;
  /** Whether a process of this machine is still there. */
  readonly isAlive: (pid: number) => boolean;
  readonly now: () => Date;
  readonly timing?: Partial<DockerTiming>;
}

/** In milliseconds. */
export interface DockerTiming {
  /** How long a container is given to load its model, when it is not known how long it takes. */
  readonly warmUpMs: number;
  /** A port that was bound to a running container answers at once; if it does not in this time, it was not bound. */
  readonly boundMs: number;
}

export const defaultTiming: DockerTiming = { warmUpMs: 3_000, boundMs: 2_000 };
