import type { DeployRecord, Target, TargetKind, TargetStatus } from './target.js';

/** The `--json` document of `mlops status`. */
export interface StatusResult {
  readonly target: TargetKind;
  readonly place: string;
  readonly name: string;
  readonly revision: number | null;
  readonly image: string | null;
  readonly endpoint: string | null;
  readonly replicas: TargetStatus['replicas'];
  readonly autoscaling: NonNullable<TargetStatus['autoscaling']> | null;
  /** Newest first, at most 10. */
  readonly history: readonly DeployRecord[];
}

export async function deployStatus(name: string, target: Target): Promise<StatusResult> {
  const { revision, image, endpoint, replicas, autoscaling, history } = await target.status();
  return {
    target: target.kind,
    place: target.place,
    name,
    revision: revision ?? null,
    image: image ?? null,
    endpoint: endpoint ?? null,
    replicas,
    autoscaling: autoscaling ?? null,
    history,
  };
}
