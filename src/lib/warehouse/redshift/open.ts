import type { WarehouseDeps, WarehouseSettings } from '../settings.js';
import type { Warehouse } from '../types.js';
import { type Connection, resolveConnection, stagingPlace } from './connection.js';
import { copyList } from './copy.js';
import { createLoader, grantsForLoader, redshiftDdl } from './ddl.js';
import { initTables, prepareTarget } from './init.js';
import { runQuery } from './query.js';
import type { SqlTransport } from './transport/types.js';

/** Redshift, by the Data API or a direct connection. Nothing is connected before it is needed. */
export async function openRedshift({ redshift, table }: WarehouseSettings, deps: WarehouseDeps): Promise<Warehouse> {
  const { role, loader } = redshift;
  let opened: Promise<SqlTransport> | undefined;
  const sql = () => {
    opened ??= resolveConnection(redshift, deps).then((connection) => createTransport(connection, deps));
    return opened;
  };
  return {
    engine: 'redshift',
    ddl: () => [
      ...redshiftDdl(table),
      ...(loader === undefined ? [] : [createLoader(loader), ...grantsForLoader(table, loader)]),
    ],
    init: async ({ signal } = {}) => await initTables(await sql(), table, loader, signal),
    async copy(list, options = {}) {
      const place = stagingPlace(redshift);
      const transport = await sql();
      const prepared = async (signal: AbortSignal | undefined) =>
        (await prepareTarget(transport, table, signal)).target;
      return await copyList({ sql: transport, table, deps, place, role, prepareTarget: prepared }, list, options);
    },
    query: async (text, options = {}) => await runQuery(await sql(), text, options),
    close: async () => undefined,
  };
}

async function createTransport(connection: Connection, deps: WarehouseDeps): Promise<SqlTransport> {
  if (connection.kind === 'direct') {
    const { createDirectTransport } = await import('./transport/direct.js');
    return createDirectTransport(connection.target, deps);
  }
  const { createRedshiftData } = await import('../../platform/aws/redshift-data.js');
  const { createDataApiTransport } = await import('./transport/data-api.js');
  const { region, profile, target } = connection;
  const api = createRedshiftData({ region, ...(profile === undefined ? {} : { profile }) });
  return createDataApiTransport(api, target, deps);
}
