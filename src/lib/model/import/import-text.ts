import { formatSize } from '../../base/units.js';
import { listText, table } from '../text-table.js';
import type { ImportResult } from './import-pickle.js';

/** What `mlops model import` prints. */
export function importText(result: ImportResult): string {
  const names = result.featureNames === null ? '' : `: ${listText(result.featureNames)}`;
  return table([
    ['Found', `${result.source.className}, ${result.source.library} ${result.source.version}`],
    ['Features', `${result.features}${names}`],
    ['Classes', listText(result.classes)],
    ['Name', `${result.name}, version ${result.version}`],
    ['Model', `${result.output} (${formatSize(result.sizeBytes)})`],
    ['Card', result.card],
    ['SHA-256', result.sha256],
  ]);
}
