import type { Project } from '../../project/project.js';
import { readProvisioned, textOutput } from '../../project/provisioned.js';
import { readSloSite } from '../../project/slo-site.js';
import { projectSlos } from '../../project/slos.js';
import { scrapedNamespace, sloSources } from '../../slo/sources.js';
import type { AwsNames, DashboardContext } from '../dashboards/context.js';
import type { Contacts, ContactWays } from './contacts.js';

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
  { config, dir, file }: Project,
  env: Readonly<Record<string, string | undefined>>,
  givenNamespace?: string,
): Promise<GrafanaProject> {
  const { name: project, grafana } = config;
  const slos = projectSlos(config);
  const { page, ticket, ...all } = grafana?.contacts ?? {};
  const contacts = { ...ways(all), page: page && ways(page), ticket: ticket && ways(ticket) };
  const aws = config.cloud === 'gcp' ? undefined : await awsNames({ config, dir }, env);
  const site = await readSloSite({ config, dir, file });
  const { cloudwatch } = sloSources(site);
  const namespace = scrapedNamespace(site, givenNamespace);
  const sloCounters = aws !== undefined && cloudwatch.available ? cloudwatch.source : undefined;
  return { project, namespace, slos, aws, sloCounters, contacts, prometheusUrl: grafana?.prometheus };
}

type WaysConfig = Partial<{ slack: string | undefined; email: string[] | undefined; pagerduty: boolean | undefined }>;

function ways({ slack, email = [], pagerduty = false }: WaysConfig): ContactWays {
  return { slack: slack === undefined ? [] : [slack], email, pagerduty };
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
