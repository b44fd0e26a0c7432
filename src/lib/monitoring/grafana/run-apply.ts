import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError, UsageError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { type Line, line } from '../../base/text/line.js';
import type { Project } from '../../project/project.js';
import { resolveSecret } from '../../secrets/resolve.js';
import { type AppliedItem, applyToGrafana } from './apply.js';
import type { GrafanaDeps } from './ask.js';
import { createGrafanaClient } from './client.js';
import { grafanaProject } from './settings.js';

export interface ApplyRequest {
  readonly project: Project;
  /** Before that of mlops.yaml. */
  readonly url: string | undefined;
  /** A reference to the token; before that of mlops.yaml. */
  readonly token: string | undefined;
  /** The label `job` of the scrape; the name of the project if undefined. */
  readonly job: string | undefined;
  /** The label `namespace` of the scrape, empty for all; that of mlops.yaml if undefined. */
  readonly namespace?: string | undefined;
  readonly dataSources: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ApplyResult {
  readonly url: string;
  readonly dryRun: boolean;
  readonly items: readonly AppliedItem[];
}

const localHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Throws as `createGrafanaClient`, `applyToGrafana` and `resolveSecret` do, and UsageError for what is missing. */
export async function runApply(
  request: ApplyRequest,
  reporter: Reporter,
  deps: GrafanaDeps = { fetch, sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }) },
): Promise<ApplyResult> {
  const { project, signal, dataSources, dryRun, env } = request;
  const url = checkedUrl(request.url ?? project.config.grafana?.url);
  if (url.protocol === 'http:' && !localHosts.test(url.hostname)) {
    reporter.warn(`${url.origin} is not encrypted: whoever is on the way can read the token`);
  }
  const reference = request.token ?? project.config.grafana?.token;
  if (reference === undefined) throw missing('token', 'token: env://GRAFANA_TOKEN', '--token env://GRAFANA_TOKEN');
  const token = await resolveSecret(reference, { env, baseDir: project.dir });
  if (/[^\x21-\x7e]/.test(token.reveal())) {
    throw new PrerequisiteError('What the reference to the token leads to is no token', {
      code: 'GRAFANA_TOKEN_MALFORMED',
      why: 'It has spaces, line breaks or characters that no token of Grafana has.',
    });
  }
  const base = url.href.replace(/\/+$/, '');
  const client = createGrafanaClient({ url: base, token, signal }, deps);
  const job = request.job ?? project.config.name;
  const options = { project: { ...(await grafanaProject(project, env, request.namespace)), job }, dataSources, dryRun };
  if (dataSources && options.project.prometheusUrl === undefined) {
    reporter.warn('The data source of Prometheus is left out: mlops.yaml has no grafana.prometheus');
  }
  return { url: base, dryRun, items: await applyToGrafana(client, options, reporter) };
}

function checkedUrl(text: string | undefined): URL {
  if (text === undefined) throw missing('url', 'url: https://grafana.example.com', '--url https://grafana.example.com');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError('The address of Grafana is not one', {
      code: 'GRAFANA_URL_INVALID',
      why: 'Expected http:// or https:// with a host, and no user or password in it.',
    });
  }
  url.search = '';
  url.hash = '';
  return url;
}

function missing(what: string, key: string, flag: string): UsageError {
  return new UsageError(`The ${what} of Grafana is not known`, {
    code: `GRAFANA_${what.toUpperCase()}_MISSING`,
    actions: [`Write grafana: { ${key} } into mlops.yaml`, `Or add ${flag}`],
  });
}

const verbs = {
  create: { done: 'created', planned: 'create', tone: 'good' },
  update: { done: 'updated', planned: 'update', tone: 'change' },
  unchanged: { done: 'unchanged', planned: 'unchanged', tone: 'faint' },
} as const;
const mostChanges = 8;

export function applyLines({ items, dryRun, url }: ApplyResult): Line[] {
  const lines = items.flatMap(({ kind, title, uid, action, changes }) => {
    const { done, planned, tone } = verbs[action];
    const shown = changes.slice(0, mostChanges).map((change) => line(`             ${change}`, 'faint'));
    const more = changes.length - shown.length;
    return [
      line(`${(dryRun ? planned : done).padEnd(10)} ${kind} ${title} (${uid})`, tone),
      ...shown,
      ...(more > 0 ? [line(`             and ${more} more`, 'faint')] : []),
    ];
  });
  return [...lines, line(''), line(dryRun ? `Nothing was changed at ${url}: --dry-run` : url)];
}
