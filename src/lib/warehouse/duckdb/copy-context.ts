import type { WarehouseDeps } from '../settings.js';
import type { TableName } from '../sql/identifier.js';

export interface CopyContext {
  readonly path: string;
  readonly table: TableName;
  readonly deps: Pick<WarehouseDeps, 's3'>;
  /** Of what is staged at a time. */
  readonly partBytes?: number | undefined;
}
