import { quoteIdentifier } from '../sql/identifier.js';
import type { Column } from '../table.js';
import type { Session } from './session.js';
import { staging } from './staging.js';

const doubled = 'mlops_doubled';

/** Leaves one row of each id in staging, the one that wins. Gives how many had to go. */
export async function removeDuplicates(session: Session, columns: readonly Column[]): Promise<number> {
  // Ids that are there once, nearly all of them, are never sorted.
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${doubled} AS SELECT id FROM ${staging} GROUP BY id HAVING count(*) > 1`,
  );
  if ((await session.count(`SELECT count(*) FROM ${doubled}`)) === 0) return 0;
  // Rows that are the same in all of this are the same: it does not matter which of them stays.
  const rest = columns.map(({ name }) => name).filter((name) => !['id', 'timestamp', 'text'].includes(name));
  const order = [
    '"timestamp" DESC',
    '"text" DESC NULLS LAST',
    ...rest.map((name) => `${quoteIdentifier(name)} DESC NULLS LAST`),
  ];
  return await session.run(
    `DELETE FROM ${staging} WHERE rowid IN (
       SELECT row FROM (
         SELECT rowid AS row, row_number() OVER (PARTITION BY id ORDER BY ${order.join(', ')}) AS place
         FROM ${staging} SEMI JOIN ${doubled} USING (id)
       ) WHERE place > 1
     )`,
  );
}
