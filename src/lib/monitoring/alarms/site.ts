import { UsageError } from '../../base/errors/mlops-error.js';
import { type AwsSettings, partition } from '../../platform/aws/client.js';
import { awsCall } from '../../platform/aws/errors.js';
import type { Project } from '../../project/project.js';
import { type Provisioned, readProvisioned, textOutput } from '../../project/provisioned.js';
import type { AlarmsDeps } from './deps.js';

/** The account and region of a project, the doors to it, and what was provisioned there. */
export interface Site {
  readonly project: Project;
  /** Name of the project: alarms are named `<name>-...`. */
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  readonly outputs: Provisioned;
  readonly aws: ReturnType<AlarmsDeps['aws']>;
}

/**
 * Finds out where the project's alarms are, and as whom.
 * Throws UsageError for a project that is not on AWS or whose infrastructure is in another account; PrerequisiteError
 * without credentials.
 */
export async function openSite(project: Project, deps: AlarmsDeps): Promise<Site> {
  const { config, dir } = project;
  if (config.cloud === 'gcp' || (config.cloud === undefined && config.gcp !== undefined && config.aws === undefined)) {
    throw new UsageError('Alarms are made in CloudWatch, and this project is on Google Cloud', {
      code: 'ALARMS_NEED_AWS',
      actions: ['mlops slo rules writes the same SLOs as Prometheus rules', 'mlops dashboard generate'],
    });
  }
  const outputs = await readProvisioned(dir, 'aws');
  const settings = settingsOf(project, outputs, deps.env);
  const aws = deps.aws(settings);
  const identity = await awsCall('sts:GetCallerIdentity', settings.region, () => aws.sts.callerIdentity());
  const provisionedIn = textOutput(outputs, 'account_id');
  if (provisionedIn !== undefined && provisionedIn !== identity.account) {
    throw new UsageError(
      `The infrastructure is in account ${provisionedIn}, the credentials are of ${identity.account}`,
      {
        code: 'OTHER_ACCOUNT',
        why: `infra/aws/outputs.json names the account; the credentials belong to ${identity.arn}.`,
        actions: ['Use a profile of that account: aws: { region: ..., profile: ... } in mlops.yaml, or AWS_PROFILE'],
      },
    );
  }
  deps.reporter.note(`AWS account ${identity.account} in ${settings.region}, as ${identity.arn}`);
  const { region } = settings;
  return { project, name: config.name, region, account: identity.account, partition: partition(region), outputs, aws };
}

function settingsOf({ config }: Project, outputs: Provisioned, env: AlarmsDeps['env']): AwsSettings {
  const region =
    config.aws?.region ?? textOutput(outputs, 'region') ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1');
  const profile = config.aws?.profile;
  return { region, ...(profile === undefined ? {} : { profile }) };
}
