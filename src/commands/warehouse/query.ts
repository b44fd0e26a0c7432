import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { warehouseFlags } from '../../lib/cli/warehouse-flags.js';
import type { RowFormat } from '../../lib/warehouse/rows/format.js';

export default class WarehouseQuery extends MlopsCommand<undefined> {
  static override summary = 'Ask the warehouse with SQL';

  static override description =
    `One statement that only reads; instants are UTC. Rows are printed as they come, so a long answer needs no memory.
With --json each row is one JSON object a line; an error after the first row is then the last line.`;

  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT count(*) FROM transcription_results'",
    '<%= config.bin %> <%= command.id %> --file report.sql --format csv > report.csv',
    "echo 'SELECT id, text FROM transcription_results' | <%= config.bin %> <%= command.id %> - --json",
  ];

  static override args = {
    sql: Args.string({ description: 'the statement, or - to read it from stdin', ignoreStdin: true }),
  };

  static override flags = {
    ...warehouseFlags,
    file: Flags.string({ char: 'f', summary: 'read the statement from a file', helpValue: 'FILE' }),
    format: Flags.option({ options: ['table', 'json', 'jsonl', 'csv'] as const satisfies readonly RowFormat[] })({
      summary:
        'table, json (one array), jsonl (one object a line) or csv (values as they are, formulas too); default: table',
      env: 'MLOPS_WAREHOUSE_FORMAT',
    }),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(WarehouseQuery);
    this.streamsJson = this.jsonEnabled();
    const { resolveWarehouse } = await import('../../lib/warehouse/resolve-settings.js');
    const { createWarehouseDeps } = await import('../../lib/warehouse/create-deps.js');
    const { openWarehouse } = await import('../../lib/warehouse/open.js');
    const { readSql } = await import('../../lib/warehouse/sql/read-sql.js');
    const { printRows } = await import('../../lib/warehouse/rows/print-rows.js');
    const project = await this.project();
    const sql = await readSql({ argument: args.sql, file: flags.file }, { cwd: this.deps.cwd, stdin: process.stdin });
    const settings = resolveWarehouse(project, flags, this.deps);
    const warehouse = await openWarehouse(settings, createWarehouseDeps(project, this.deps.env, this.deps.reporter));
    try {
      const rows = await warehouse.query(sql, { signal: this.interrupt });
      await this.deps.reporter.settled();
      const format = this.jsonEnabled() ? 'jsonl' : (flags.format ?? 'table');
      await printRows(rows, format, process.stdout);
    } finally {
      await warehouse.close();
    }
    return undefined;
  }
}
