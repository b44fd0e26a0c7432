import type { LoadCounts } from './types.js';

export const noCounts: LoadCounts = { rowsInFiles: 0, staged: 0, duplicates: 0, stale: 0, inserted: 0, updated: 0 };

/** Whether both equations of a load hold (types.ts). The engines check the same in SQL before they commit. */
export function addUp({ rowsInFiles, staged, duplicates, stale, inserted, updated }: LoadCounts): boolean {
  return rowsInFiles === staged && staged === duplicates + stale + inserted + updated;
}
