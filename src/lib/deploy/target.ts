import type { Line } from '../base/text/line.js';

export type TargetKind = 'docker' | 'eks' | 'gke' | 'cloud-run';
export const targetKinds = ['docker', 'eks', 'gke', 'cloud-run'] as const satisfies readonly TargetKind[];

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
  /** `public` was checked against the server's authentication when the release was resolved. */
  readonly expose: 'internal' | 'public';
  readonly replicas: { readonly min: number; readonly max: number };
  /** Kubernetes quantities, requests and limits alike. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** How long the server goes on after SIGTERM, all in all, in milliseconds: the grace period has to be longer. */
  readonly drainMs: number;
}

/** How a deploy ended. At most one revision is `serving`. */
export type RevisionResult = 'serving' | 'replaced' | 'failed' | 'rolled-back';

/** One deploy as the target remembers it. */
export interface DeployRecord {
  /** 1 for the first, counted by the target. */
  readonly revision: number;
  readonly image: string;
  readonly modelDigest: string | undefined;
  readonly configDigest: string | undefined;
  /** ISO 8601, UTC. */
  readonly deployedAt: string;
  readonly result: RevisionResult;
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

/** Where a revision answers us, and what every request to it has to carry (an identity token; never shown). */
export interface Reachable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What the way there can carry, where that is less than the service can do: a gate asks for no more. */
  readonly carries?: {
    readonly connections: number;
    /** In a sentence, for people who read the result of a gate. */
    readonly why: string;
  };
}

export interface TargetStatus {
  readonly image: string | undefined;
  /** The revision that clients get; undefined when nothing has been promoted yet. */
  readonly revision: number | undefined;
  /** Another revision, whose rollout was begun and not ended: what runs may be of it. */
  readonly unfinished?: number;
  readonly endpoint: string | undefined;
  readonly replicas: { readonly ready: number; readonly wanted: number };
  /** Only where something scales it. */
  readonly autoscaling?: { readonly min: number; readonly max: number; readonly current: number };
  /** Newest first, at most 10. */
  readonly history: readonly DeployRecord[];
}

/** What stays behind when a deploy ends before it is done and nothing is restored. */
export interface LeftBehind {
  /** In sentences: what runs, what clients get, what was tidied away. */
  readonly sentences: readonly string[];
  /** Commands that go on from there, or that take it away. */
  readonly actions: readonly string[];
}

/**
 * A place that a release is deployed to. Every method throws PrerequisiteError when the target cannot be reached (with the
 * way in), and OperationError when the target refuses. The flow of a deploy (preview, roll out, check, promote, go back)
 * is in deploy.ts, the same for all. Progress goes to the Reporter that the target was made with.
 */
export interface Target {
  readonly kind: TargetKind;
  /** The place in words, such as `the Docker daemon` or `EKS cluster demo, namespace default`. */
  readonly place: string;
  /**
   * Keeps others from changing this service until `close`, where the target itself does not keep two deploys apart.
   * Called before anything is looked at; without a release for a rollback. Throws OperationError `DEPLOY_UNDERWAY`.
   */
  hold?(release: Release | undefined): Promise<void>;
  preview(release: Release): Promise<Preview>;
  /**
   * Brings the release up and waits until it is ready. Throws a RolloutError (errors.ts), with the revision, that says in
   * words what kept it from becoming ready. Interrupted by `stop`, it throws too and leaves the target as it is, for
   * `restore` or `leave`.
   */
  rollOut(release: Release, stop: AbortSignal): Promise<RolledOut>;
  /** Calls `work` with an address under which the revision that was just rolled out answers, before it is promoted. */
  reach<T>(rolledOut: RolledOut, work: (reachable: Reachable) => Promise<T>, stop: AbortSignal): Promise<T>;
  /** Lets the traffic in, where that is a step of its own. Short, and not interrupted. */
  promote(rolledOut: RolledOut): Promise<RolledOut>;
  /**
   * Makes an earlier revision the one that clients get, under its own number, and waits until it is ready; what a deploy
   * left beside it is taken away. When it never stopped serving, there is little to do. Without a number: the last one
   * that served before the current one. Throws UsageError when there is no such revision.
   */
  restore(revision: number | undefined, stop: AbortSignal): Promise<RolledOut>;
  /**
   * Notes how a revision ended, so that `history` tells. Noting `serving` turns the one that served until then into
   * `replaced`, unless it was noted otherwise. A revision that the target does not know is ignored: a rollout may fail
   * before there is one.
   */
  record(revision: number, result: RevisionResult, why?: string): Promise<void>;
  /**
   * For a deploy that ended early with nothing restored: `interrupted`, or `failed` as the first deploy of all. Takes away
   * what is of no use to anybody, where that is safe and quick, and says what is left.
   */
  leave(cause: 'interrupted' | 'failed'): Promise<LeftBehind>;
  status(): Promise<TargetStatus>;
  /** Takes away what the target made for this command alone, such as a kubeconfig. Called at the end. */
  close?(): Promise<void>;
}
