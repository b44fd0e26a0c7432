import { UsageError } from '../../base/errors/mlops-error.js';
import type { WarehouseDeps, WarehouseSettings } from '../settings.js';
import type { Warehouse } from '../types.js';

export async function openRedshift(_settings: WarehouseSettings, _deps: WarehouseDeps): Promise<Warehouse> {
  throw new UsageError('The engine redshift is not in this version', { code: 'ENGINE_UNAVAILABLE' });
}
