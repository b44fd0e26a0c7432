import { resolve } from 'node:path';
import { UsageError } from '../base/errors/mlops-error.js';
import type { Project } from '../project/project.js';
import { readPlainSettings } from './redshift/plain-settings.js';
import type { RedshiftSettings, WarehouseSettings } from './settings.js';
import { parseTableName } from './sql/identifier.js';
import { defaultTable } from './table.js';
import { type Engine, engines } from './types.js';

export const defaultDatabase = 'warehouse.duckdb';

/** What MLOPS_* say, for a command that has no flags of the warehouse. Throws UsageError `ENGINE_UNKNOWN`. */
export function flagsOfEnvironment(env: Readonly<Record<string, string | undefined>>): WarehouseFlags {
  const named = env.MLOPS_WAREHOUSE_ENGINE || undefined;
  const engine = engines.find((one) => one === named);
  if (named !== undefined && engine === undefined) {
    throw new UsageError(`MLOPS_WAREHOUSE_ENGINE is '${named}'`, {
      code: 'ENGINE_UNKNOWN',
      why: `Expected ${engines.join(' or ')}.`,
    });
  }
  return { engine, database: env.MLOPS_WAREHOUSE_DATABASE || undefined, table: env.MLOPS_WAREHOUSE_TABLE || undefined };
}

/** What the command line or MLOPS_* say. */
export interface WarehouseFlags {
  readonly engine?: Engine | undefined;
  /** The file of DuckDB; relative to the working directory. */
  readonly database?: string | undefined;
  readonly table?: string | undefined;
}

/**
 * One answer from flags, the plain environment variables of before (for Redshift), mlops.yaml and the defaults, in this
 * order. Where Redshift is and how to get in is one answer: the environment's or mlops.yaml's, never of both. Throws UsageError `TABLE_NAME_INVALID`.
 */
export function resolveWarehouse(
  { dir, config }: Project,
  flags: WarehouseFlags,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): WarehouseSettings {
  const { engine, path, table, redshift } = config.warehouse ?? {};
  const chosen = flags.engine ?? engine ?? 'duckdb';
  const plain = chosen === 'redshift' ? readPlainSettings(env) : { redshift: {} };
  return {
    engine: chosen,
    table: parseTableName(flags.table ?? plain.table ?? table ?? defaultTable),
    duckdb: {
      path: flags.database === undefined ? resolve(dir, path ?? defaultDatabase) : resolve(cwd, flags.database),
    },
    redshift: { ...fromProject(redshift, config.aws, plain.redshift), ...given(plain.redshift) },
  };
}

function fromProject(
  redshift: NonNullable<Project['config']['warehouse']>['redshift'],
  aws: Project['config']['aws'],
  environment: RedshiftSettings,
): RedshiftSettings {
  const { database, role, staging, secret, ...place } = redshift ?? {};
  const general = { database, role, staging, region: aws?.region, profile: aws?.profile };
  const { workgroup, cluster, host } = environment;
  // Half of one place and half of the other would be a third one, or the credentials of one sent to the other.
  if ((workgroup ?? cluster ?? host) !== undefined) return general;
  return { ...general, ...place, secret: secret?.replace(/^aws-sm:\/\//, '') };
}

/** What is undefined must not hide what mlops.yaml says. */
function given<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}
