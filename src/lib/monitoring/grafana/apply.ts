import { OperationError } from '../../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../../base/progress/reporter.js';
import { buildDashboards } from '../dashboards/all.js';
import { type DashboardContext, stableUid } from '../dashboards/context.js';
import { type BuiltDashboard, projectTag } from '../dashboards/dashboard.js';
import type { GrafanaClient } from './client.js';
import { type DataSource, dataSources } from './data-sources.js';
import { differences } from './difference.js';
import type { GrafanaProject } from './settings.js';

export interface ApplyOptions {
  readonly project: GrafanaProject & DashboardContext;
  readonly dataSources: boolean;
  readonly dryRun: boolean;
}

export type ApplyAction = 'create' | 'update' | 'unchanged';

/** One thing in Grafana: what is done to it, or would be. */
export interface AppliedItem {
  readonly kind: 'folder' | 'data source' | 'dashboard';
  readonly uid: string;
  readonly title: string;
  readonly action: ApplyAction;
  /** Where it differs from what it should be. */
  readonly changes: readonly string[];
}

interface Planned extends AppliedItem {
  readonly apply: () => Promise<unknown>;
}

/**
 * Brings folder, dashboards and, if asked, data sources of the project into Grafana. What is there already under one of our
 * uids and is not ours is not touched: OperationError `GRAFANA_NOT_OURS`. Everything is read before anything is written, and
 * what a run that broke off did not do, the next one does.
 */
export async function applyToGrafana(
  client: GrafanaClient,
  options: ApplyOptions,
  reporter: Reporter,
): Promise<AppliedItem[]> {
  const planned = await inStep(reporter, 'Comparing with Grafana', () => plan(client, options));
  if (!options.dryRun) {
    for (const item of planned) {
      if (item.action === 'unchanged') continue;
      await inStep(
        reporter,
        `${item.action === 'create' ? 'Creating' : 'Updating'} ${item.kind} ${item.title}`,
        item.apply,
      );
    }
  }
  return planned.map(({ apply: _, ...item }) => item);
}

async function plan(client: GrafanaClient, options: ApplyOptions): Promise<Planned[]> {
  const { project } = options;
  const sources = options.dataSources
    ? dataSources({ project: project.project, prometheusUrl: project.prometheusUrl, aws: project.aws })
    : [];
  const planned = [await planFolder(client, project.project)];
  for (const source of sources) planned.push(await planDataSource(client, source));
  for (const built of buildDashboards(project)) planned.push(await planDashboard(client, built, project.project));
  return planned;
}

async function planFolder(client: GrafanaClient, project: string): Promise<Planned> {
  const uid = stableUid(project, 'folder');
  const found = await client.get(`/api/folders/${uid}`);
  const body = { uid, title: project };
  return {
    kind: 'folder',
    uid,
    title: project,
    action: found === undefined ? 'create' : 'unchanged',
    changes: [],
    apply: () => client.send('POST', '/api/folders', body, 'folders:create'),
  };
}

async function planDataSource(client: GrafanaClient, source: DataSource): Promise<Planned> {
  const path = `/api/datasources/uid/${source.uid}`;
  const found = await client.get(path);
  if (found?.readOnly === true) throw notOurs(`The data source ${source.uid}`, 'It is provisioned from a file.');
  const changes = found === undefined ? [] : differences(source, found);
  return {
    kind: 'data source',
    uid: source.uid,
    title: source.name,
    action: actionOf(found, changes),
    changes,
    apply: () =>
      found === undefined
        ? client.send('POST', '/api/datasources', source, 'datasources:create')
        : client.send('PUT', path, source, 'datasources:write'),
  };
}

async function planDashboard(client: GrafanaClient, built: BuiltDashboard, project: string): Promise<Planned> {
  const folderUid = stableUid(project, 'folder');
  const wanted = JSON.parse(JSON.stringify(built.model)) as Record<string, unknown>;
  const found = await client.get(`/api/dashboards/uid/${built.uid}`);
  const current = (found?.dashboard ?? {}) as { tags?: unknown; id?: unknown; version?: unknown };
  const meta = (found?.meta ?? {}) as { folderUid?: unknown; provisioned?: unknown };
  if (found !== undefined) refuseForeign(built, current.tags, meta.provisioned, project);
  const moved = found !== undefined && meta.folderUid !== folderUid ? ['folder'] : [];
  const changes = found === undefined ? [] : [...moved, ...differences(wanted, current)];
  return {
    kind: 'dashboard',
    uid: built.uid,
    title: built.title,
    action: actionOf(found, changes),
    changes,
    apply: () =>
      client.send(
        'POST',
        '/api/dashboards/db',
        {
          // With the version that was compared: if somebody saves in between, Grafana refuses instead of losing their work.
          dashboard: {
            ...wanted,
            id: current.id ?? null,
            ...(found === undefined ? {} : { version: current.version }),
          },
          folderUid,
          overwrite: false,
          message: 'mlops dashboard apply',
        },
        'dashboards:create and dashboards:write',
      ),
  };
}

function actionOf(found: unknown, changes: readonly string[]): ApplyAction {
  if (found === undefined) return 'create';
  return changes.length === 0 ? 'unchanged' : 'update';
}

function refuseForeign(built: BuiltDashboard, tags: unknown, provisioned: unknown, project: string): void {
  if (provisioned === true) {
    throw notOurs(`The dashboard ${built.uid}`, 'It is provisioned from a file: change it there, or remove the file.');
  }
  if (!Array.isArray(tags) || !tags.includes(projectTag(project))) {
    throw notOurs(`The dashboard ${built.uid}`, `It has not the tag ${projectTag(project)}, so somebody else made it.`);
  }
}

function notOurs(what: string, why: string): OperationError {
  return new OperationError(`${what} is not ours to change`, {
    code: 'GRAFANA_NOT_OURS',
    why,
    actions: ['Give the project another name in mlops.yaml, or delete what is in its place in Grafana'],
  });
}
