import type { WarehouseDeps, WarehouseSettings } from './settings.js';
import type { Warehouse } from './types.js';

/** The engine of the settings. Its packages load here and not before. */
export async function openWarehouse(settings: WarehouseSettings, deps: WarehouseDeps): Promise<Warehouse> {
  if (settings.engine === 'redshift') {
    const { openRedshift } = await import('./redshift/open.js');
    return openRedshift(settings, deps);
  }
  const { openDuckDb } = await import('./duckdb/open.js');
  return openDuckDb(settings, deps);
}
