import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { warehouseFlags } from '../../lib/cli/warehouse-flags.js';
import type { InitResult } from '../../lib/warehouse/types.js';

export default class WarehouseInit extends MlopsCommand<InitResult | { readonly ddl: readonly string[] }> {
  static override summary = 'Make the table of transcripts and the ledger of loads';

  static override description =
    'What is there already stays as it is; its columns are checked. `warehouse copy` does the same before it loads.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --engine redshift --dry-run',
    '<%= config.bin %> <%= command.id %> --database results/warehouse.duckdb --table calls',
  ];

  static override flags = {
    ...warehouseFlags,
    'dry-run': Flags.boolean({ summary: 'print the SQL and stop' }),
  };

  async run(): Promise<InitResult | { readonly ddl: readonly string[] }> {
    const { flags } = await this.parse(WarehouseInit);
    const { resolveWarehouse } = await import('../../lib/warehouse/resolve-settings.js');
    const { createWarehouseDeps } = await import('../../lib/warehouse/create-deps.js');
    const { openWarehouse } = await import('../../lib/warehouse/open.js');
    const project = await this.project();
    const settings = resolveWarehouse(project, flags, this.deps);
    const warehouse = await openWarehouse(settings, createWarehouseDeps(project, this.deps.env, this.deps.reporter));
    try {
      if (flags['dry-run']) {
        const ddl = warehouse.ddl();
        await this.print(ddl.map((statement) => `${statement};`).join('\n\n'));
        return { ddl };
      }
      const result = await warehouse.init({ signal: this.interrupt });
      const { created, table } = result;
      const place = settings.engine === 'duckdb' ? ` in ${settings.duckdb.path}` : '';
      const said = created.length === 0 ? `${table} is there already` : `Made ${created.join(' and ')}`;
      await this.print(`${said}${place}`);
      return result;
    } finally {
      await warehouse.close();
    }
  }
}
