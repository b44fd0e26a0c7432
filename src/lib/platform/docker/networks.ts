import type { DockerClient } from './client.js';

/** The network that containers are on unless told otherwise. */
export const defaultNetwork = 'bridge';

export interface DockerNetworks {
  /** A network without a way out, on which published ports are not bound. One that is there already is used as it is. */
  createInternal(name: string): Promise<void>;
  /** Binds the published ports when this is the first network of the container that has a way out. */
  connect(network: string, container: string): Promise<void>;
  /** Does nothing when it is not connected. */
  disconnect(network: string, container: string): Promise<void>;
  /** Does nothing when there is none. */
  remove(name: string): Promise<void>;
}

export function dockerNetworks(client: DockerClient): DockerNetworks {
  return {
    async createInternal(name) {
      const args = ['network', 'create', '--internal', name];
      await client.call(args, { what: `make the network ${name}`, allow: /already exists/i });
    },
    async connect(network, container) {
      const what = `connect ${container} to the network ${network}`;
      await client.call(['network', 'connect', network, container], { what });
    },
    async disconnect(network, container) {
      const what = `disconnect ${container} from the network ${network}`;
      const allow = /is not connected to (the )?network|no such (network|container)|network \S+ not found/i;
      await client.call(['network', 'disconnect', network, container], { what, allow });
    },
    async remove(name) {
      await client.call(['network', 'rm', name], {
        what: `remove the network ${name}`,
        allow: /no such network|not found/i,
      });
    },
  };
}
