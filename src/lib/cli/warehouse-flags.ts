import * as Flags from '@oclif/core/flags';

/** Which warehouse: the flags that all of its commands have. */
export const warehouseFlags = {
  engine: Flags.option({
    options: ['duckdb', 'redshift'] as const,
    env: 'MLOPS_WAREHOUSE_ENGINE',
    summary: 'where the table is; default: mlops.yaml, else duckdb',
  })(),
  database: Flags.string({
    env: 'MLOPS_WAREHOUSE_DATABASE',
    helpValue: 'PATH',
    summary: 'file of DuckDB; default: mlops.yaml, else warehouse.duckdb',
  }),
  table: Flags.string({
    env: 'MLOPS_WAREHOUSE_TABLE',
    helpValue: 'NAME',
    summary: 'TABLE or SCHEMA.TABLE; default: mlops.yaml, else transcription_results',
  }),
};
