import { join } from 'node:path';
import { UsageError } from '../../base/errors/mlops-error.js';
import { type Line, line } from '../../base/text/line.js';
import { readIfThere } from '../../platform/files/write.js';
import type { Project } from '../../project/project.js';
import { type Contacts, contactWays, grafanaEnvironment, hasContacts } from './contacts.js';
import { type GeneratedFile, provisioningFiles } from './provisioning.js';
import { hasRules, type RetiredRules, retireRules } from './retired-rules.js';
import { grafanaProject } from './settings.js';
import { type FileAction, type WrittenFile, writeGenerated, writtenBefore } from './write-files.js';

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
  /** Alert rules of earlier runs that the files have Grafana delete. */
  readonly retired: readonly RetiredRules[];
  /** What somebody should know before Grafana reads the files. */
  readonly warnings: readonly string[];
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
  const wanted = provisioningFiles({ ...project, job, policies });
  const { files: all, retired } = retireRules(wanted, await writtenBefore(dir, { force }));
  const files = await writeGenerated(dir, all, { force });
  const environment = environmentOf(project.contacts, project.prometheusUrl);
  const warnings = [...retiredWarnings(retired, wanted), ...(await keptWarnings(dir, files, wanted))];
  return { dir, files, environment, retired, warnings };
}

/** Said when it begins: whether a namespace was left or is a second one, only its people know. */
function retiredWarnings(retired: readonly RetiredRules[], wanted: readonly GeneratedFile[]): string[] {
  return retired
    .filter(({ path, isNew }) => isNew && !wanted.some((file) => file.path === path))
    .map(
      ({ path, uids }) =>
        `${path} now has Grafana delete its ${uids.length} alert rules (${uids[0]}, ...). If they are of a namespace that is still served, generate it again, with an --output of its own`,
    );
}

/** A file of rules that we wrote, somebody changed and nothing of ours replaces. */
async function keptWarnings(
  dir: string,
  files: readonly WrittenFile[],
  wanted: readonly GeneratedFile[],
): Promise<string[]> {
  const left = files.filter(({ path, action }) => action === 'kept' && !wanted.some((file) => file.path === path));
  const warned = left.map(async ({ path }) => {
    const isOfRules = path.startsWith('provisioning/alerting/') && hasRules((await readIfThere(join(dir, path))) ?? '');
    return isOfRules
      ? [
          `${path} was changed by hand and stays, beside the rules that are generated now: both alert. Take over your changes, then --force has Grafana delete its rules`,
        ]
      : [];
  });
  return (await Promise.all(warned)).flat();
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

export function generateLines({ dir, files, environment, retired }: GenerateResult): Line[] {
  const notes: Record<FileAction, string> = {
    created: '',
    updated: '',
    unchanged: '',
    kept: '  changed by hand: not overwritten (--force does)',
    removed: '',
  };
  const deletes = (path: string) => {
    const uids = retired.find((one) => one.path === path)?.uids ?? [];
    return uids.length === 0 ? '' : `  has Grafana delete ${uids.length} rules`;
  };
  return [
    ...files.map(({ path, action }) =>
      line(`${action.padEnd(10)} ${path}${notes[action]}${action === 'kept' ? '' : deletes(path)}`, tones[action]),
    ),
    line(''),
    line(`In ${dir}. Mount dashboards/ and provisioning/ into Grafana as docs/dashboards.md says.`),
    ...(environment.length === 0 ? [] : [line(`Grafana needs in its environment: ${environment.join(', ')}`)]),
  ];
}
