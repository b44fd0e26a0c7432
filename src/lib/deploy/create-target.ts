import type { Reporter } from '../base/progress/reporter.js';
import type { ProcessRunner } from '../platform/process/runner.js';
import type { Project } from '../project/project.js';
import type { KubernetesFlags } from './kubernetes/options.js';
import type { TargetKind } from './target.js';

export interface TargetOptions {
  readonly project: Project;
  /** Of the flag or of mlops.yaml, else `default`. Kubernetes only. */
  readonly namespace: string;
  /** How long a rollout may take until it is ready, in milliseconds. */
  readonly timeoutMs: number;
  /** The port on this machine, for the Docker daemon. */
  readonly port: number | undefined;
  /** Flags of the command line for eks and gke alone. */
  readonly kubernetes?: KubernetesFlags | undefined;
}

/** What targets need from outside. A target that needs more makes it from these. */
export interface TargetDeps {
  readonly runner: ProcessRunner;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

export type CreateTarget = (kind: TargetKind, options: TargetOptions, deps: TargetDeps) => Promise<unknown>;
