import { UsageError } from '../../base/errors/mlops-error.js';
import { type Line, line } from '../../base/text/line.js';
import type { Project } from '../../project/project.js';
import { type Contacts, contactWays, grafanaEnvironment, hasContacts } from './contacts.js';
import { provisioningFiles } from './provisioning.js';
import { grafanaProject } from './settings.js';
import { type FileAction, type WrittenFile, writeGenerated } from './write-files.js';

export interface GenerateRequest {
  readonly project: Project;
  /** Absolute. */
  readonly dir: string;
  /** The label `job` of the scrape; the name of the project if undefined. */
  readonly job: string | undefined;
  /** The label `namespace` of the scrape, empty for all; that of mlops.yaml if undefined. */
  readonly namespace?: string | undefined;
  readonly policies: boolean;
  readonly force: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface GenerateResult {
  readonly dir: string;
  readonly files: readonly WrittenFile[];
  /** Variables that the environment of Grafana has to have. */
  readonly environment: readonly string[];
}

/** Writes dashboards and provisioning files of the project. Throws UsageError `POLICIES_WITHOUT_CONTACTS`. */
export async function generateGrafanaFiles(request: GenerateRequest): Promise<GenerateResult> {
  const { dir, policies, force } = request;
  const project = await grafanaProject(request.project, request.env, request.namespace);
  const job = request.job ?? project.project;
  if (policies && !hasContacts(project.contacts)) {
    throw new UsageError('Notification policies need somebody to notify', {
      code: 'POLICIES_WITHOUT_CONTACTS',
      why: 'mlops.yaml has no grafana.contacts.',
      actions: ['Write grafana: { contacts: { email: [you@example.com] } } into mlops.yaml, or leave out --policies'],
    });
  }
  const files = await writeGenerated(dir, provisioningFiles({ ...project, job, policies }), { force });
  return { dir, files, environment: environmentOf(project.contacts, project.prometheusUrl) };
}

function environmentOf(contacts: Contacts, prometheusUrl: string | undefined): string[] {
  const ways = contactWays(contacts);
  return [
    ...(prometheusUrl === undefined ? ['MLOPS_PROMETHEUS_URL'] : []),
    ...(ways.some(({ slack }) => slack.length > 0) ? [grafanaEnvironment.slack] : []),
    ...(ways.some(({ pagerduty }) => pagerduty) ? [grafanaEnvironment.pagerduty] : []),
  ];
}

const tones = { created: 'good', updated: 'change', unchanged: 'faint', kept: 'danger', removed: 'change' } as const;

export function generateLines({ dir, files, environment }: GenerateResult): Line[] {
  const notes: Record<FileAction, string> = {
    created: '',
    updated: '',
    unchanged: '',
    kept: '  changed by hand: not overwritten (--force does)',
    removed: '',
  };
  return [
    ...files.map(({ path, action }) => line(`${action.padEnd(10)} ${path}${notes[action]}`, tones[action])),
    line(''),
    line(`In ${dir}. Mount dashboards/ and provisioning/ into Grafana as docs/dashboards.md says.`),
    ...(environment.length === 0 ? [] : [line(`Grafana needs in its environment: ${environment.join(', ')}`)]),
  ];
}
