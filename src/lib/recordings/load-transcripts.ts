import { UsageError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import type { Project } from '../project/project.js';
import { type CopySummary, copySources } from '../warehouse/copy-sources.js';
import { createWarehouseDeps } from '../warehouse/create-deps.js';
import { openWarehouse } from '../warehouse/open.js';
import { flagsOfEnvironment, resolveWarehouse } from '../warehouse/resolve-settings.js';
import type { TranscribeRequest } from './transcribe.js';

/**
 * Where the results go from which they are loaded. Throws UsageError `FORMAT_NOT_LOADED`: CSV is for spreadsheets, its texts
 * that look like formulas have an apostrophe more; the others hold no records.
 */
export function loadableOutput({ format, output }: Pick<TranscribeRequest, 'format' | 'output'>): string {
  if (format === 'jsonl' && output !== undefined) return output.startsWith('s3://') ? asFolder(output) : output;
  throw new UsageError(`Results in the format ${format} are not loaded into a warehouse`, {
    code: 'FORMAT_NOT_LOADED',
    actions: ['Leave --format out: JSON lines hold everything'],
  });
}

function asFolder(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** Loads everything that lies in the output: what was loaded before is known by its ids. */
export async function loadTranscripts(
  where: {
    readonly output: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly project: Project;
    readonly signal: AbortSignal;
  },
  reporter: Reporter,
): Promise<CopySummary> {
  const { output, cwd, env, project, signal } = where;
  const deps = createWarehouseDeps(project, env, reporter);
  const warehouse = await openWarehouse(resolveWarehouse(project, flagsOfEnvironment(env), { cwd, env }), deps);
  try {
    return await copySources({ sources: [output], cwd, signal }, warehouse, deps);
  } finally {
    await warehouse.close();
  }
}
