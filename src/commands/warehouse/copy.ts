import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { warehouseFlags } from '../../lib/cli/warehouse-flags.js';
import type { CopySummary } from '../../lib/warehouse/copy-sources.js';
import type { FixedSources } from '../../lib/warehouse/sources/fix-sources.js';

export default class WarehouseCopy extends MlopsCommand<CopySummary | FixedSources> {
  static override summary = 'Load transcripts into the table, each once';

  static override description =
    `SOURCE is a file, a folder, a glob in quotes or s3://bucket/prefix/ of JSON lines, CSV or Parquet. Per id the row with
the latest timestamp wins. All of a load is in the table or nothing is; the same files again change nothing.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> transcripts/',
    "<%= config.bin %> <%= command.id %> 'processed/2026-01-*/*.jsonl' extra.csv",
    '<%= config.bin %> <%= command.id %> s3://my-bucket/processed/ --engine redshift --json',
  ];

  static override strict = false;

  static override args = {
    source: Args.string({
      description: 'file, folder, glob or s3:// prefix; any number of them',
      required: true,
      // oclif would otherwise take what is piped in for the argument.
      ignoreStdin: true,
    }),
  };

  static override flags = {
    ...warehouseFlags,
    'dry-run': Flags.boolean({ summary: 'list what would be loaded and stop' }),
  };

  async run(): Promise<CopySummary | FixedSources> {
    const { argv, flags } = await this.parse(WarehouseCopy);
    const { resolveWarehouse } = await import('../../lib/warehouse/resolve-settings.js');
    const { createWarehouseDeps } = await import('../../lib/warehouse/create-deps.js');
    const { openWarehouse } = await import('../../lib/warehouse/open.js');
    const { copySources, listSources } = await import('../../lib/warehouse/copy-sources.js');
    const { loadLines, manifestLines } = await import('../../lib/warehouse/result-lines.js');
    const project = await this.project();
    const settings = resolveWarehouse(project, flags, this.deps);
    const deps = createWarehouseDeps(project, this.deps.env, this.deps.reporter);
    const request = { sources: argv as string[], cwd: this.deps.cwd, signal: this.interrupt };
    if (flags['dry-run']) {
      const fixed = await listSources(request, deps);
      await this.print(manifestLines(fixed).join('\n'));
      return fixed;
    }
    const warehouse = await openWarehouse(settings, deps);
    try {
      const summary = await copySources(request, warehouse, deps);
      await this.print(loadLines(summary).join('\n'));
      return summary;
    } finally {
      await warehouse.close();
    }
  }
}
