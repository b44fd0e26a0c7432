import { UsageError } from '../base/errors/mlops-error.js';
import { formatDuration } from '../base/units.js';
import type { ProjectConfig } from '../project/schema.js';
import { checkExposure } from './exposure.js';
import type { BuiltImage } from './images.js';
import type { Release, TargetKind } from './target.js';

/** What the command line says; the rest comes from mlops.yaml. */
export interface ReleaseFlags {
  readonly expose: 'internal' | 'public' | undefined;
  readonly publicUnauthenticated: boolean;
}

/** Guaranteed quality of service on Kubernetes: requests equal limits. */
const defaultResources = { cpu: '1', memory: '1Gi' };
const defaultReplicas = { min: 3, max: 10 };
/** Cloud Run starts instances as requests come, and idle ones cost nothing. */
const defaultInstances = { min: 0, max: 10 };
const defaultPort = 8080;

/** https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const cloudRunDrainMs = 10_000;

/** What a person should know of a drain that the target cuts off. Ours begins at once on Cloud Run. */
export function drainWarning(kind: TargetKind, { serve }: ProjectConfig): string | undefined {
  const { timeoutMs } = serve.drain;
  if (kind !== 'cloud-run' || timeoutMs <= cloudRunDrainMs) return undefined;
  return `serve.drain.timeout is ${formatDuration(timeoutMs)}, and Cloud Run waits 10 s after SIGTERM: what takes longer is cut off.`;
}

/**
 * The release from image, mlops.yaml and flags. Throws UsageError `PUBLIC_UNAUTHENTICATED`, and `REPLICAS_INVALID` for a
 * target that cannot scale to nothing.
 */
export function resolveRelease(
  kind: TargetKind,
  config: ProjectConfig,
  flags: ReleaseFlags,
  image: BuiltImage,
): Release {
  const expose = flags.expose ?? config.deploy?.expose ?? 'internal';
  checkExposure({
    expose,
    auth: image.auth ?? config.serve.auth.type,
    publicUnauthenticated: flags.publicUnauthenticated,
  });
  const replicas = config.deploy?.replicas ?? (kind === 'cloud-run' ? defaultInstances : defaultReplicas);
  if (replicas.min === 0 && kind !== 'cloud-run') {
    throw new UsageError('deploy.replicas.min is 0', {
      code: 'REPLICAS_INVALID',
      why: `Only cloud-run scales to nothing; on ${kind} at least 1 has to run.`,
      actions: ['Write deploy: { replicas: { min: 1, max: 10 } } into mlops.yaml'],
    });
  }
  const { cpu, memory } = config.deploy?.resources ?? defaultResources;
  const { delayMs, timeoutMs } = config.serve.drain;
  return {
    name: config.name,
    image: image.reference,
    modelDigest: image.modelDigest,
    configDigest: image.configDigest,
    port: image.port ?? (config.serve.port || defaultPort),
    expose,
    replicas,
    resources: { cpu: String(cpu), memory: String(memory) },
    drainMs: image.drainMs ?? delayMs + timeoutMs,
  };
}
