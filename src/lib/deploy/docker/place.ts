import type { Reporter } from '../../base/progress/reporter.js';
import type { DockerNetworks } from '../../platform/docker/networks.js';
import type { Docker } from '../../platform/docker/types.js';
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
  readonly now: () => Date;
}
