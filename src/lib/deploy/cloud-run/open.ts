import { UsageError } from '../../base/errors/mlops-error.js';
import { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import type { Project } from '../../project/project.js';
import { readProvisioned, textOutput } from '../../project/provisioned.js';
import type { Target } from '../target.js';
import type { CloudRunSettings } from './arguments.js';
import { createCloudRunTarget } from './cloud-run-target.js';

const defaultConcurrency = 80;
const defaultRegion = 'us-central1';
/** Cloud Run's own limit: the name is part of a host name. */
const longestName = 49;

export interface CloudRunOptions {
  readonly project: Project;
  readonly timeoutMs: number;
}

export interface CloudRunDeps {
  readonly runner: ConstructorParameters<typeof GcloudClient>[0];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The Cloud Run service of a project. Throws UsageError `GCP_PROJECT_MISSING` and `NAME_TOO_LONG`. */
export async function openCloudRunTarget({ project, timeoutMs }: CloudRunOptions, deps: CloudRunDeps): Promise<Target> {
  const settings = await cloudRunSettings(project, deps.env);
  return createCloudRunTarget(new GcloudClient(deps.runner), settings, timeoutMs);
}

/** From mlops.yaml, then from what `mlops provision` made, then from the environment that Google's tools read. */
export async function cloudRunSettings(
  { config, dir }: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CloudRunSettings> {
  const outputs = await readProvisioned(dir, 'gcp');
  const project =
    config.gcp?.project ?? textOutput(outputs, 'project') ?? (env.GOOGLE_CLOUD_PROJECT || env.CLOUDSDK_CORE_PROJECT);
  if (!project) {
    throw new UsageError('Which Google Cloud project?', {
      code: 'GCP_PROJECT_MISSING',
      actions: ['Write gcp: { project: ID, region: us-central1 } into mlops.yaml', 'Or set GOOGLE_CLOUD_PROJECT'],
    });
  }
  const { cloudRun = {} } = config.deploy ?? {};
  const service = cloudRun.service ?? textOutput(outputs, 'cloud_run_service_name') ?? config.name;
  if (service.length > longestName) {
    throw new UsageError(`${service} is too long for a Cloud Run service`, {
      code: 'NAME_TOO_LONG',
      why: `It has ${service.length} characters; Cloud Run takes ${longestName}.`,
      actions: ['Write deploy: { cloudRun: { service: SHORTER } } into mlops.yaml'],
    });
  }
  return {
    service,
    project,
    region: config.gcp?.region ?? textOutput(outputs, 'region') ?? (env.CLOUDSDK_RUN_REGION || defaultRegion),
    ingress: cloudRun.ingress,
    concurrency: cloudRun.concurrency ?? defaultConcurrency,
    serviceAccount: cloudRun.serviceAccount ?? textOutput(outputs, 'runtime_service_account'),
  };
}
