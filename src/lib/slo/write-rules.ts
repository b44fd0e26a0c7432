import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { OperationError, UsageError } from '../base/errors/mlops-error.js';
import { prometheusRules } from './compile/prometheus.js';
import type { PrometheusOptions, RulesFile } from './compile/rules-file.js';
import { periodMeasured } from './compile/series.js';
import { windowName } from './compile/windows.js';
import { checkSlos, requireSlos } from './lint.js';
import { requireSource, type SloSite, scrapedNamespace, sloSources } from './sources.js';
import type { Slo } from './types.js';

/** The rules as data and as the YAML that `rule_files` loads. */
export interface Rules {
  readonly file: RulesFile;
  readonly yaml: string;
  /** What Prometheus has to be told so that it keeps the window of the longest SLO; undefined when it does so unasked. */
  readonly retention: string | undefined;
}

export interface RulesOptions extends Pick<PrometheusOptions, 'windowScale'> {
  /** The project's name if undefined. */
  readonly job: string | undefined;
  /** Empty: servers of all namespaces. That of the site if undefined. */
  readonly namespace?: string | undefined;
}

/**
 * The Prometheus rules of a project.
 * Throws UsageError: `SLO_NONE`, `SLO_INVALID`, `SLO_NO_SOURCE` when nothing can be scraped, `INVALID_JOB`.
 */
export async function makeRules(slos: readonly Slo[], site: SloSite, options: RulesOptions): Promise<Rules> {
  checkSlos(requireSlos(slos));
  requireSource('Prometheus rules', sloSources(site).prometheus);
  const { job = site.name, windowScale = 1 } = options;
  if (job === '')
    throw new UsageError('--job is empty', { code: 'INVALID_JOB', why: 'Expected the job of the scrape.' });
  const namespace = scrapedNamespace(site, options.namespace);
  const file = prometheusRules(slos, { project: site.name, job, namespace, windowScale });
  const { stringify } = await import('yaml');
  const retention = retentionNote(slos);
  const comment = retention === undefined ? '' : `# ${retention}\n`;
  return { file, yaml: comment + stringify(file, { aliasDuplicateObjects: false, lineWidth: 0 }), retention };
}

const dayMs = 86_400_000;
/** What Prometheus keeps unless `--storage.tsdb.retention.time` says otherwise. */
const defaultRetentionMs = 15 * dayMs;

/** Recordings are samples like others and go when they do. */
function retentionNote(slos: readonly Slo[]): string | undefined {
  const longest = Math.max(...slos.map(({ windowMs }) => windowMs));
  if (longest < defaultRetentionMs) return undefined;
  const days = Math.ceil(longest / dayMs) + 1;
  return `The budget over ${windowName(longest)} needs samples that old: run Prometheus with --storage.tsdb.retention.time=${days}d or more (its default is 15d). ${periodMeasured} says how far back it reaches.`;
}

/** Writes them, with the folders above. Throws OperationError `RULES_NOT_WRITTEN`. @param path absolute */
export async function writeRules({ yaml }: Rules, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, yaml);
  } catch (error) {
    throw new OperationError(`The rules could not be written to ${path}`, {
      code: 'RULES_NOT_WRITTEN',
      why: describeError(error),
      cause: error,
    });
  }
}
