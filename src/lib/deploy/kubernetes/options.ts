import type { Reporter } from '../../base/progress/reporter.js';
import type { AwsSettings } from '../../platform/aws/client.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { LeaseTiming } from '../../platform/kubernetes/lease.js';
import type { RolloutTiming } from '../../platform/kubernetes/rollout/wait.js';
import type { ProcessRunner } from '../../platform/process/runner.js';
import type { Project } from '../../project/project.js';

/** What the command line says for clusters alone. */
export interface KubernetesFlags {
  /** GKE: a context of the user's kubeconfig, instead of asking gcloud. */
  readonly context?: string | undefined;
  /** Name of the cluster; without it the output of `mlops provision`. */
  readonly cluster?: string | undefined;
  /** EKS: `https://127.0.0.1:8443`, the near end of a tunnel to a private endpoint. */
  readonly clusterEndpoint?: string | undefined;
  /** Takes over fields that another field manager owns. */
  readonly forceConflicts?: boolean;
  /** Makes the pull secret from the docker login of the image's registry. */
  readonly pullSecret?: boolean;
}

export interface KubernetesOptions {
  readonly project: Project;
  readonly namespace: string;
  /** How long a rollout may take until it is ready, in milliseconds. */
  readonly timeoutMs: number;
  readonly kubernetes?: KubernetesFlags | undefined;
}

export interface KubernetesDeps {
  readonly runner: ProcessRunner;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly aws?: (settings: AwsSettings) => AwsCloud;
  /** Rejects when `signal` is aborted. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly timing?: Partial<RolloutTiming>;
  readonly leaseTiming?: Partial<LeaseTiming>;
  /** `templates/kubernetes`; the packaged one unless a test brings its own. */
  readonly templates?: string;
}

/** The field manager of everything that mlops applies. */
export const fieldManager = 'mlops';

export const defaultTiming = { pollMs: 1_000, patienceMs: 20_000, askMs: 10_000, lostMs: 60_000 } as const;
