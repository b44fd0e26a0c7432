/** Which builder `docker build` reaches, and how it is called. */
export type Builder = 'buildx' | 'buildkit' | 'legacy';

export interface DockerDaemon {
  readonly clientVersion: string;
  readonly serverVersion: string;
  /** Of the daemon, as images name it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly builder: Builder;
  /** One line for a person when the builder is not the best there is. */
  readonly note: string | undefined;
}

export interface BuildOptions {
  /** Folder with the Dockerfile and all that it copies. */
  readonly contextDir: string;
  /** `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Ask the registry for a newer base image. */
  readonly pull: boolean;
  readonly builder: Builder;
  /** Called as the builder goes on, with what it does, such as `step 3 of 9: ADD model.tar /`. */
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ImageDetails {
  /** `sha256:...` of the image's configuration. */
  readonly id: string;
  readonly tags: readonly string[];
  /** `repository@sha256:...` for every repository that it was pushed to or pulled from. */
  readonly repoDigests: readonly string[];
  /** ISO 8601. */
  readonly created: string;
  readonly os: string;
  readonly architecture: string;
  readonly sizeBytes: number;
  /** `sha256:...` of each uncompressed layer, the base's first. */
  readonly layers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What `docker run` takes from the image: Cmd, Env, User and the rest, as the daemon says it, without labels. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** One line of `docker history`. */
export interface HistoryEntry {
  readonly createdBy: string;
  readonly sizeBytes: number;
}

export interface PushOptions {
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface RegistryLogin {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com`, `127.0.0.1:5000`. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface ContainerOptions {
  readonly image: string;
  readonly name: string;
  /** Given through the environment of the client, so that no value is in an argument list. */
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** `hostPort` 0 lets the daemon choose a free one; see `ContainerDetails.ports`. */
  readonly publish?: readonly { readonly address: string; readonly hostPort: number; readonly containerPort: number }[];
  readonly memoryBytes?: number;
  /** Cores, such as 0.5. */
  readonly cpus?: number;
  readonly restart?: 'no' | 'unless-stopped';
  readonly network?: string;
  /** Seconds from SIGTERM to SIGKILL for whoever stops it without naming another time. */
  readonly stopTimeoutS?: number;
}

export interface ContainerDetails {
  readonly id: string;
  readonly name: string;
  /** `sha256:...` */
  readonly imageId: string;
  /** The reference that it was started with. */
  readonly image: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Undefined for an image without HEALTHCHECK. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | undefined;
  readonly exitCode: number;
  /** True when the kernel ended it because it was over its memory limit. */
  readonly outOfMemory: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly address: string; readonly hostPort: number; readonly containerPort: number }[];
}

/**
 * The Docker daemon, through the docker client. All throw PrerequisiteError `PROGRAM_MISSING`, `DOCKER_UNREACHABLE` or
 * `DOCKER_NOT_ALLOWED`, and OperationError `DOCKER_FAILED` for what nobody has a name for.
 */
export interface Docker {
  daemon(): Promise<DockerDaemon>;

  /** Returns the image's id; it has no tag yet. Throws what `buildFailure` makes of the builder's output. */
  build(options: BuildOptions): Promise<string>;
  /** Undefined when the daemon has no such image. */
  inspectImage(reference: string): Promise<ImageDetails | undefined>;
  /** Newest first. */
  history(reference: string): Promise<readonly HistoryEntry[]>;
  /** Ids of the images that have this label, the one that was built or pushed last first. */
  imagesLabelled(name: string, value: string): Promise<readonly string[]>;
  tag(source: string, target: string): Promise<void>;
  pull(reference: string, options: PushOptions & { readonly platform?: string }): Promise<void>;
  /** Returns the digest of the manifest in the registry. Throws what `pushFailure` makes of the client's output. */
  push(reference: string, options: PushOptions): Promise<string>;
  /**
   * Runs `work` with a client that is logged in there, by a configuration folder of its own that is removed afterwards:
   * the user's is not changed. The password goes to stdin.
   */
  loggedIn<T>(login: RegistryLogin, work: (docker: Docker) => Promise<T>): Promise<T>;

  /**
   * Starts a container with a read-only root, no capabilities, no new privileges and a small /tmp; returns its id.
   * Throws OperationError `PORT_IN_USE`, `CONTAINER_EXISTS` and `IMAGE_NOT_FOUND`.
   */
  run(options: ContainerOptions): Promise<string>;
  /** As `run`, without starting it. A name is given once: of two that ask, one gets `CONTAINER_EXISTS`. */
  create(options: ContainerOptions): Promise<string>;
  /** Undefined when there is no such container. */
  inspectContainer(name: string): Promise<ContainerDetails | undefined>;
  /** Names of the containers that have this label, running or not, newest first. */
  containersLabelled(name: string, value: string): Promise<readonly string[]>;
  /** The last lines of what it wrote to stdout and stderr. */
  logs(name: string, tail: number): Promise<string>;
  /** SIGTERM, then SIGKILL after `graceSeconds`. */
  stop(name: string, graceSeconds: number): Promise<void>;
  start(name: string): Promise<void>;
  rename(name: string, newName: string): Promise<void>;
  /** Also one that runs; does nothing when there is none. */
  remove(name: string): Promise<void>;
}
