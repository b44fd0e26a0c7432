import { UsageError } from '../base/errors/mlops-error.js';
import type { ProjectConfig } from '../project/schema.js';
import type { Cloud } from './folder/working-folder.js';

/** Which cloud, where in it, and as whom. */
export type Target =
  | { readonly cloud: 'aws'; readonly region: string; readonly profile: string | undefined }
  | { readonly cloud: 'gcp'; readonly region: string; readonly project: string };

type Env = Readonly<Record<string, string | undefined>>;

const defaultRegion = { aws: 'us-east-1', gcp: 'us-central1' } as const;

/**
 * The target from flag, mlops.yaml, the environment and the configuration that the clouds' own tools read, in that order.
 * `set` are the `KEY=VALUE` of the command line: region and project may be given there too.
 * Throws UsageError `GCP_PROJECT_MISSING`.
 */
export async function resolveTarget(
  config: ProjectConfig,
  options: { cloud: Cloud | undefined; set: readonly string[] },
  env: Env,
  configuredRegion: () => Promise<string | undefined>,
): Promise<Target> {
  const cloud = options.cloud ?? config.cloud ?? (config.gcp !== undefined && config.aws === undefined ? 'gcp' : 'aws');
  const given = (name: string) => options.set.findLast((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  if (cloud === 'aws') {
    const profile = config.aws?.profile;
    const region = given('region') || config.aws?.region || env.AWS_REGION || env.AWS_DEFAULT_REGION;
    return { cloud, region: region || (await configuredRegion()) || defaultRegion.aws, profile };
  }
  const project = given('project') ?? config.gcp?.project ?? env.GOOGLE_CLOUD_PROJECT ?? env.GOOGLE_PROJECT;
  if (!project) {
    throw new UsageError('Which Google Cloud project?', {
      code: 'GCP_PROJECT_MISSING',
      actions: ['Write gcp: { project: ID, region: us-central1 } into mlops.yaml', 'Or add --set project=ID'],
    });
  }
  const region = given('region') ?? config.gcp?.region ?? env.GOOGLE_REGION;
  return { cloud, region: region || defaultRegion.gcp, project };
}

/** What mlops.yaml says, as variables of the configuration; those that it does not declare are left out later. */
export function projectVariables(config: ProjectConfig, target: Target): Record<string, unknown> {
  return {
    name: config.name,
    region: target.region,
    ...(target.cloud === 'gcp' ? { project: target.project } : {}),
  };
}

/** `infrastructure` of mlops.yaml: `features: { pipeline: true }` is the variable `enable_pipeline`. */
export function explicitVariables(config: ProjectConfig): Record<string, unknown> {
  const { features = {}, variables = {} } = config.infrastructure ?? {};
  const switches = Object.entries(features).map(([name, on]) => [`enable_${name}`, on]);
  return { ...Object.fromEntries(switches), ...variables };
}
