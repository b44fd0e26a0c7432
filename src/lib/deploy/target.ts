import type { Line } from '../base/text/line.js';

export type TargetKind = 'docker' | 'eks' | 'gke' | 'cloud-run';

/** What is to be deployed: the same for every target, resolved from mlops.yaml, flags and the image itself. */
export interface Release {
  /** The project's name: names the container, the Deployment, the Cloud Run service. */
  readonly name: string;
  /** The reference that the target pulls, by digest where one is known. */
  readonly image: string;
  /** Labels of the image, or unknown for an image that `mlops build` did not make. */
  readonly modelDigest: string | undefined;
  readonly configDigest: string | undefined;
  /** The port that the server listens on inside the container. */
  readonly port: number;
  readonly expose: 'internal' | 'public';
  readonly replicas: { readonly min: number; readonly max: number };
  /** Kubernetes quantities, requests and limits alike. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** How long the server goes on after SIGTERM, all in all, in milliseconds: the grace period has to be longer. */
  readonly drainMs: number;
}

/** One deploy as the target remembers it. */
export interface DeployRecord {
  /** 1 for the first, counted by the target. */
  readonly revision: number;
  readonly image: string;
  readonly modelDigest: string | undefined;
  readonly configDigest: string | undefined;
  /** ISO 8601, UTC. */
  readonly deployedAt: string;
  readonly result: 'serving' | 'replaced' | 'failed' | 'rolled-back';
  /** Why it failed or was rolled back, in one line. */
  readonly why?: string;
}

/** What a deploy would change, found out without changing anything. */
export interface Preview {
  readonly hasChanges: boolean;
  /** The difference as people read it. */
  readonly lines: readonly Line[];
}

/** A revision that is up. */
export interface RolledOut {
  readonly revision: number;
  /** Where clients reach it, when it has an address that we can know. */
  readonly endpoint: string | undefined;
  /** How long nothing answered while the old one was replaced, in milliseconds; undefined where there is no gap by design. */
  readonly gapMs?: number;
}

export interface TargetStatus {
  readonly image: string | undefined;
  readonly revision: number | undefined;
  readonly endpoint: string | undefined;
  readonly replicas: { readonly ready: number; readonly wanted: number };
  /** Only where something scales it. */
  readonly autoscaling?: { readonly min: number; readonly max: number; readonly current: number };
  /** Newest first, at most 10. */
  readonly history: readonly DeployRecord[];
}

/**
 * A place that a release is deployed to. Every method throws PrerequisiteError when the target cannot be reached (with the
 * way in), and OperationError when the target refuses. The flow of a deploy (preview, roll out, check, promote, go back)
 * is in deploy.ts, the same for all.
 */
export interface Target {
  readonly kind: TargetKind;
  preview(release: Release): Promise<Preview>;
  /**
   * Brings the release up and waits until it is ready. Throws a RolloutError that says in words what kept it from
   * becoming ready. Interrupted by `stop`, it throws too and leaves the target as it is, for `restore`.
   */
  rollOut(release: Release, stop: AbortSignal): Promise<RolledOut>;
  /** Calls `work` with a base URL under which the revision that was just rolled out answers, before it is promoted. */
  reach<T>(rolledOut: RolledOut, work: (url: string) => Promise<T>, stop: AbortSignal): Promise<T>;
  /** Lets the traffic in, where that is a step of its own. */
  promote(rolledOut: RolledOut): Promise<RolledOut>;
  /** Re-applies an earlier revision and waits until it is ready. Without a number: the last one that served. */
  restore(revision: number | undefined, stop: AbortSignal): Promise<RolledOut>;
  /** Notes how a revision ended, so that `history` tells. */
  record(revision: number, result: DeployRecord['result'], why?: string): Promise<void>;
  status(): Promise<TargetStatus>;
}
