import type { DuckDBConnection } from '@duckdb/node-api';
import { writes } from './reads.js';

/**
 * The table functions of DuckDB that only read. What is not here is refused: some write files or change the process
 * (`enable_logging`, `enable_profiling`), or run SQL that no plan shows (`json_execute_serialized_sql`). No setting of DuckDB locks them; without its `enable_external_access` they go on as well, and
 * files of the user could not be read any more.
 */
export const readingFunctions: ReadonlySet<string> = new Set(
  `duckdb_approx_database_count duckdb_columns duckdb_connection_count duckdb_constraints duckdb_coordinate_systems
  duckdb_databases duckdb_dependencies duckdb_extensions duckdb_external_file_cache duckdb_functions duckdb_indexes
  duckdb_keywords duckdb_log_contexts duckdb_logs duckdb_memory duckdb_optimizers duckdb_prepared_statements
  duckdb_schemas duckdb_secret_types duckdb_secrets duckdb_sequences duckdb_settings
  duckdb_table_sample duckdb_tables duckdb_temporary_files duckdb_types duckdb_variables duckdb_views
  pragma_collations pragma_database_size pragma_metadata_info pragma_platform pragma_show pragma_storage_info pragma_table_info
  pragma_user_agent pragma_version
  glob parquet_bloom_probe parquet_file_metadata parquet_full_metadata parquet_kv_metadata parquet_metadata parquet_scan
  parquet_schema read_blob read_csv read_csv_auto read_duckdb read_json read_json_auto read_json_objects
  read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text sniff_csv
  generate_series icu_calendar_names json_each json_tree pg_timezone_names query query_table range repeat repeat_row seq_scan
  sql_auto_complete summary test_all_types test_vector_types unnest which_secret`.split(/\s+/),
);

/** Throws `QUERY_WRITES` for a SELECT that calls a table function which is not among those that only read. */
export async function assertReadingFunctions(connection: DuckDBConnection, sql: string): Promise<void> {
  const other = (await calledFunctions(connection, sql)).find((name) => !readingFunctions.has(name));
  if (other !== undefined) throw writes(`${other} is not among the table functions that only read.`);
}

/**
 * The table functions in the plan of one statement that is a SELECT to DuckDB, also those within views, macros and `query(..)`.
 * Planning runs none of them.
 */
export async function calledFunctions(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  // As a parameter, so that nothing of the text can end what stands around it.
  const result = await connection.runAndReadAll('EXPLAIN (FORMAT json) FROM query($1)', [sql]);
  return result.getRowsJson().flatMap(([, plan]) => [...functionsIn(JSON.parse(String(plan)) as PlanNode[])]);
}

interface PlanNode {
  readonly name?: string;
  readonly extra_info?: Readonly<Record<string, unknown>>;
  readonly children?: readonly PlanNode[];
}

/** A function with rows of its own is a scan with its name; one that is given rows has an operator around it. */
function* functionsIn(nodes: readonly PlanNode[]): Generator<string> {
  for (const { name, extra_info, children } of nodes) {
    const called = name === 'INOUT_FUNCTION' ? extra_info?.Name : extra_info?.Function;
    if (called !== undefined) yield String(called).toLowerCase();
    yield* functionsIn(children ?? []);
  }
}
