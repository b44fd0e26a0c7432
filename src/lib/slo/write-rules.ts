import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { OperationError, UsageError } from '../base/errors/mlops-error.js';
import { type PrometheusOptions, prometheusRules, type RulesFile } from './compile/prometheus.js';
import { checkSlos, requireSlos } from './lint.js';
import { requireSource, type SloSite, sloSources } from './sources.js';
import type { Slo } from './types.js';

/** The rules as data and as the YAML that `rule_files` loads. */
export interface Rules {
  readonly file: RulesFile;
  readonly yaml: string;
}

/**
 * The Prometheus rules of a project.
 * Throws UsageError: `SLO_NONE`, `SLO_INVALID`, `SLO_NO_SOURCE` when nothing can be scraped, `INVALID_JOB`.
 */
export async function makeRules(
  slos: readonly Slo[],
  site: SloSite,
  options: Pick<PrometheusOptions, 'windowScale'> & { readonly job: string | undefined },
): Promise<Rules> {
  checkSlos(requireSlos(slos));
  requireSource('Prometheus rules', sloSources(site).prometheus);
  const { job = site.name, windowScale = 1 } = options;
  if (job === '')
    throw new UsageError('--job is empty', { code: 'INVALID_JOB', why: 'Expected the job of the scrape.' });
  const file = prometheusRules(slos, { project: site.name, job, windowScale });
  const { stringify } = await import('yaml');
  return { file, yaml: stringify(file, { aliasDuplicateObjects: false, lineWidth: 0 }) };
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
