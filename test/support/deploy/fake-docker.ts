import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { type DockerNetworks, defaultNetwork } from '../../../src/lib/platform/docker/networks.js';
import type {
  ContainerDetails,
  ContainerOptions,
  Docker,
  ImageDetails,
} from '../../../src/lib/platform/docker/types.js';
import type { DockerVolumes } from '../../../src/lib/platform/docker/volumes.js';

interface Container {
  readonly options: ContainerOptions;
  networks: Set<string>;
  state: ContainerDetails['state'];
  server?: Server | undefined;
  port?: number;
  exitCode: number;
}

export interface FakeDocker {
  readonly docker: Docker;
  readonly networks: DockerNetworks;
  readonly volumes: DockerVolumes;
  /** What was changed, in order, such as `stop demo-r1`. */
  readonly calls: string[];
  readonly containers: Map<string, Container>;
  /** Seconds that a container was given last when it was stopped. */
  readonly graces: Map<string, number>;
}

/** What containers of an image do; `id` is the image's. */
export type Behaviour = 'right' | 'ends' | 'out-of-memory' | 'never-ready';

/**
 * A daemon in memory whose containers are HTTP servers of this process. As the real one, it binds the ports of a running
 * container when it is on a network with a way out; `bindsOnStartOnly` is one that does so at the start alone.
 */
export function fakeDocker(
  behaviours: Readonly<Record<string, Behaviour>>,
  given: { bindsOnStartOnly?: boolean } = {},
): FakeDocker {
  const calls: string[] = [];
  const containers = new Map<string, Container>();
  const graces = new Map<string, number>();
  const volumes = new Map<string, Readonly<Record<string, string>>>();
  onTestFinished(() => {
    for (const container of containers.values()) close(container);
  });

  const find = (name: string): Container => {
    const container = containers.get(name);
    if (container === undefined) throw new OperationError(`No such container: ${name}`, { code: 'DOCKER_FAILED' });
    return container;
  };

  async function bind(container: Container): Promise<void> {
    if (container.server !== undefined || container.state !== 'running' || !container.networks.has(defaultNetwork))
      return;
    const isReady = behaviours[container.options.image] === 'right';
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/readyz' && !isReady ? 503 : 200;
      response.end('{}');
    });
    const wanted = container.options.publish?.[0]?.hostPort ?? 0;
    await new Promise<void>((resolve, reject) => {
      server.once('error', () => reject(new OperationError(`Port ${wanted} is in use`, { code: 'PORT_IN_USE' })));
      server.listen(wanted, '127.0.0.1', resolve);
    });
    container.server = server;
    container.port = (server.address() as AddressInfo).port;
  }

  async function start(container: Container): Promise<void> {
    const behaviour = behaviours[container.options.image];
    container.state = behaviour === 'ends' || behaviour === 'out-of-memory' ? 'exited' : 'running';
    container.exitCode = container.state === 'exited' ? 1 : 0;
    await bind(container);
  }

  const details = (name: string, { options, state, port, exitCode, server }: Container): ContainerDetails => ({
    id: name,
    name,
    imageId: options.image,
    image: options.image,
    state,
    health: undefined,
    exitCode,
    outOfMemory: behaviours[options.image] === 'out-of-memory',
    startedAt: '',
    finishedAt: '',
    labels: options.labels ?? {},
    ports: server === undefined ? [] : [{ address: '127.0.0.1', hostPort: port ?? 0, containerPort: 8080 }],
  });

  const docker: Partial<Docker> = {
    inspectImage: async (reference) => {
      if (!(reference in behaviours)) return undefined;
      // Built again: another image, with the same things in it.
      const layers = [reference.replace(/-again$/, '')];
      return { id: reference, tags: [reference], layers } as unknown as ImageDetails;
    },
    run: async (options) => {
      calls.push(`run ${options.name}${options.network === undefined ? '' : ` on ${options.network}`}`);
      const networks = new Set([options.network ?? defaultNetwork]);
      const container: Container = { options, networks, state: 'created', exitCode: 0 };
      await start(container);
      containers.set(options.name, container);
      return options.name;
    },
    create: async (options) => {
      const { name } = options;
      if (containers.has(name)) throw new OperationError(`There already is ${name}`, { code: 'CONTAINER_EXISTS' });
      containers.set(name, { options, networks: new Set(), state: 'created', exitCode: 0 });
      return name;
    },
    inspectContainer: async (name) => {
      const container = containers.get(name);
      return container === undefined ? undefined : details(name, container);
    },
    containersLabelled: async (name, value) => {
      return [...containers].filter(([, { options }]) => options.labels?.[name] === value).map(([found]) => found);
    },
    logs: async () => 'its last words',
    stop: async (name, graceSeconds) => {
      calls.push(`stop ${name}`);
      graces.set(name, graceSeconds);
      const container = find(name);
      close(container);
      container.state = 'exited';
    },
    start: async (name) => {
      calls.push(`start ${name}`);
      await start(find(name));
    },
    remove: async (name) => {
      const container = containers.get(name);
      if (container === undefined) return;
      calls.push(`remove ${name}`);
      close(container);
      containers.delete(name);
    },
  };

  return {
    calls,
    containers,
    graces,
    docker: docker as Docker,
    networks: {
      createInternal: async () => {},
      connect: async (network, name) => {
        calls.push(`connect ${name} to ${network}`);
        const container = find(name);
        container.networks.add(network);
        if (given.bindsOnStartOnly !== true) await bind(container);
      },
      disconnect: async (network, name) => void find(name).networks.delete(network),
      remove: async () => {},
    },
    volumes: {
      create: async (name, labels) => void volumes.set(name, labels),
      labelled: async (name, value) => {
        return [...volumes]
          .filter(([, found]) => found[name] === value)
          .map(([found, labels]) => ({ name: found, labels }));
      },
      remove: async (name) => void volumes.delete(name),
    },
  };
}

function close(container: Container): void {
  container.server?.closeAllConnections();
  container.server?.close();
  container.server = undefined;
}
