import { formatDuration } from '../../base/units.js';
import { plainText } from '../../model/text-table.js';
import type { TranscriptRecord } from '../../transcript/record.js';

export const rowColumns = [{ head: 'RECORDING' }, { head: 'LENGTH' }, { head: 'TEXT', isWide: true }] as const;

/** Of several recordings a table shows the beginnings; all is in every other format. */
const mostText = 400;

export function tableRows(records: readonly TranscriptRecord[]): string[][] {
  return records.map(({ source, duration_s, text, warnings = [] }) => {
    const whole = plainText(text) || '(no speech)';
    const isLong = records.length > 1 && whole.length > mostText;
    const shown = isLong ? `${whole.slice(0, mostText).replace(/\s+\S*$/, '')} …` : whole;
    const note = warnings.length === 0 ? '' : ` [cut: ${warnings.map(({ kind }) => kind).join(', ')}]`;
    return [plainText(source), formatDuration(duration_s * 1000), shown + note];
  });
}
