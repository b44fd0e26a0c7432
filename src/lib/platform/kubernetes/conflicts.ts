/** Fields that another field manager owns. */
export interface FieldConflict {
  /** Such as `kubectl` or `horizontal-pod-autoscaler`. */
  readonly manager: string;
  readonly field: string;
}

const manager = String.raw`"((?:[^"\\]|\\.)*)"`;
const inline = new RegExp(
  String.raw`Apply failed with 1 conflict: conflict with ${manager}[^:]*?(?: at [\dTZ:.-]+)?: (\S.*)`,
  'g',
);
const heading = new RegExp(`conflicts with ${manager}`);

/**
 * What server-side apply says of conflicts, one text for one conflict and a list for more of them
 * (k8s.io/apimachinery, managedfields/internal/conflict.go). Empty when `text` tells of none.
 */
export function parseConflicts(text: string): FieldConflict[] {
  const found: FieldConflict[] = [];
  for (const [, name = '', field = ''] of text.matchAll(inline)) found.push({ manager: name, field: field.trim() });
  for (const part of text.split(/Apply failed with \d+ conflicts: /).slice(1)) {
    let current: string | undefined;
    for (const row of part.split('\n')) {
      const next = heading.exec(row);
      if (next !== null) current = next[1];
      else if (row.startsWith('- ') && current !== undefined)
        found.push({ manager: current, field: row.slice(2).trim() });
      else break;
    }
  }
  return found;
}
