import type { Project } from '../../project/project.js';
import { readProvisioned, textOutput } from '../../project/provisioned.js';
import type { AwsNames, DashboardContext } from '../dashboards/context.js';
import type { Contacts } from './contacts.js';

/** What mlops.yaml and `mlops provision` say about what is to be watched. */
export interface GrafanaProject extends Omit<DashboardContext, 'job'> {
  readonly prometheusUrl: string | undefined;
  readonly contacts: Contacts;
}

/**
 * Names come from what was provisioned, then from mlops.yaml, then from the names that the Terraform files will give: so
 * dashboards can be made before the infrastructure is.
 */
export async function grafanaProject(
  { config, dir }: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GrafanaProject> {
  const { name: project, slos, grafana } = config;
  const contacts = {
    slack: grafana?.contacts?.slack,
    email: grafana?.contacts?.email ?? [],
    pagerduty: grafana?.contacts?.pagerduty ?? false,
  };
  const aws = config.cloud === 'gcp' ? undefined : await awsNames({ config, dir }, env);
  return { project, slos, aws, contacts, prometheusUrl: grafana?.prometheus };
}

async function awsNames(
  { config, dir }: Pick<Project, 'config' | 'dir'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AwsNames> {
  const outputs = await readProvisioned(dir, 'aws');
  const { name } = config;
  const configured = config.aws?.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const queueName = (output: string, otherwise: string) => textOutput(outputs, output)?.split('/').at(-1) ?? otherwise;
  return {
    region: textOutput(outputs, 'region') ?? (configured || 'us-east-1'),
    cluster: textOutput(outputs, 'eks_cluster_name') ?? config.deploy?.cluster ?? name,
    queue: queueName('queue_url', `${name}-recordings`),
    deadLetterQueue: queueName('dead_letter_queue_url', `${name}-recordings-dead-letter`),
    functions: ['transcribe', 'load'].map((part) => textOutput(outputs, `${part}_function_name`) ?? `${name}-${part}`),
  };
}
