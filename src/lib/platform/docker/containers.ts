import { type MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import type { DockerClient } from './client.js';
import { dockerFailure, lastLine } from './errors.js';
import type { ContainerDetails, ContainerOptions } from './types.js';

interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: {
    readonly Status: ContainerDetails['state'];
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Image: string; readonly Labels: Record<string, string> | null };
  readonly NetworkSettings: {
    readonly Ports: Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>;
  };
}

/** A worker has some ten threads, and each counts as a process: 64 workers fit, a bomb of processes does not. */
const pidsLimit = 2048;

/** Docker's own default keeps a log for ever. A daemon that was told to log elsewhere, or otherwise, is left to that. */
const boundedLog = ['--log-opt', 'max-size=20m', '--log-opt', 'max-file=5'];

const logArguments = new WeakMap<DockerClient, Promise<readonly string[]>>();

/** Asked once for a client: a daemon does not change its driver while it runs, and a swap should not wait for it. */
function logArgumentsOf(client: DockerClient): Promise<readonly string[]> {
  const known = logArguments.get(client);
  if (known !== undefined) return known;
  const asked = client
    .attempt(['info', '--format', '{{.LoggingDriver}}'])
    .then(({ stdout }) => (stdout.trim() === 'json-file' ? boundedLog : []));
  logArguments.set(client, asked);
  return asked;
}

/** The arguments of `docker create`. Values of the environment are not among them: docker takes them from its own. */
function createArguments(options: ContainerOptions, log: readonly string[]): string[] {
  const { env = {}, labels = {}, publish = [], memoryBytes, cpus, stopTimeoutS } = options;
  return [
    ...['create', '--name', options.name, '--pull', 'never'],
    // Room for the recordings of a speech model (serve.limits.audio.storage); it counts as memory as far as it is filled.
    ...['--read-only', '--tmpfs', '/tmp:rw,noexec,nosuid,nodev,size=320m'],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['--pids-limit', String(pidsLimit)],
    ...log,
    ...['--restart', options.restart ?? 'no'],
    ...(memoryBytes === undefined ? [] : ['--memory', `${memoryBytes}b`, '--memory-swap', `${memoryBytes}b`]),
    ...(cpus === undefined ? [] : ['--cpus', String(cpus)]),
    ...(stopTimeoutS === undefined ? [] : ['--stop-timeout', String(stopTimeoutS)]),
    ...(options.network === undefined ? [] : ['--network', options.network]),
    ...publish.flatMap(({ address, hostPort, containerPort }) => [
      '--publish',
      `${address.includes(':') ? `[${address}]` : address}:${hostPort === 0 ? '' : hostPort}:${containerPort}`,
    ]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.keys(env).flatMap((name) => ['--env', name]),
    options.image,
  ];
}

export async function create(client: DockerClient, options: ContainerOptions): Promise<string> {
  const created = await client.attempt(createArguments(options, await logArgumentsOf(client)), {
    env: options.env ?? {},
  });
  if (created.exitCode !== 0) throw runFailure(created.stderr, options);
  return created.stdout.trim().split('\n').at(-1) ?? options.name;
}

export async function run(client: DockerClient, options: ContainerOptions): Promise<string> {
  const id = await create(client, options);
  const started = await client.attempt(['start', id]);
  if (started.exitCode === 0) return id;
  // It would stay behind and hold the name.
  await client.attempt(['rm', '--force', id]);
  throw runFailure(started.stderr, options);
}

function runFailure(stderr: string, { name, image, publish = [] }: ContainerOptions): MlopsError {
  const why = lastLine(stderr);
  if (/port is already allocated|address already in use/i.test(stderr)) {
    return new OperationError(`Port ${publish.map(({ hostPort }) => hostPort).join(', ')} is in use`, {
      code: 'PORT_IN_USE',
      why,
      actions: ['docker ps shows which container has it'],
    });
  }
  if (/is already in use by container/i.test(stderr)) {
    return new OperationError(`There already is a container ${name}`, {
      code: 'CONTAINER_EXISTS',
      why,
      actions: [`docker rm --force ${name} removes it`],
    });
  }
  if (/No such image|Unable to find image/i.test(stderr)) {
    return new OperationError(`The daemon has no image ${image}`, {
      code: 'IMAGE_NOT_FOUND',
      why,
      actions: ['mlops build'],
    });
  }
  return dockerFailure(`start the container ${name}`, stderr);
}

export async function inspectContainer(client: DockerClient, name: string): Promise<ContainerDetails | undefined> {
  const text = await client.call(['container', 'inspect', name], {
    what: `inspect the container ${name}`,
    allow: /No such container/i,
  });
  const container = text === undefined ? undefined : (JSON.parse(text) as InspectedContainer[])[0];
  if (container === undefined) return undefined;
  const { State, Config, NetworkSettings } = container;
  const health = State.Health?.Status;
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    imageId: container.Image,
    image: Config.Image,
    state: State.Status,
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : undefined,
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    labels: Config.Labels ?? {},
    ports: Object.entries(NetworkSettings.Ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({
        address: HostIp,
        hostPort: Number(HostPort),
        containerPort: Number.parseInt(port, 10),
      })),
    ),
  };
}

export async function containersLabelled(
  client: DockerClient,
  name: string,
  value: string,
): Promise<readonly string[]> {
  const args = ['container', 'ls', '--all', '--filter', `label=${name}=${value}`, '--format', '{{.Names}}'];
  const text = await client.call(args, { what: 'list its containers' });
  return text.split('\n').filter((found) => found !== '');
}

export async function logs(client: DockerClient, name: string, tail: number): Promise<string> {
  const { exitCode, stdout, stderr } = await client.attempt(['logs', '--tail', String(tail), name]);
  if (exitCode !== 0) throw dockerFailure(`read the log of ${name}`, stderr);
  return [stdout, stderr].filter((part) => part !== '').join('\n');
}
