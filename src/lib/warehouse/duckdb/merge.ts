import { targetNotUnique } from '../errors.js';
import { quoteIdentifier, quoteTable, type TableName, tableText } from '../sql/identifier.js';
import type { Column } from '../table.js';
import type { Session } from './session.js';
import { staging } from './staging.js';

/** What the target holds of the ids in staging, before it is changed. */
const before = 'mlops_before';
const doubled = 'mlops_doubled';
/** At the end of `TARGET_NOT_UNIQUE`, as examples. */
const shownIds = 5;

/** Whether the row of staging `s` wins against the one of the target `t`: later, or at the same time the greater text. */
const wins = `(t."timestamp" IS NULL OR s."timestamp" > t."timestamp" OR (s."timestamp" = t."timestamp"
  AND s."text" IS NOT NULL AND (t."text" IS NULL OR s."text" > t."text")))`;

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

export interface Merged {
  readonly stale: number;
  readonly inserted: number;
  readonly updated: number;
}

/**
 * Brings what is in staging to the target. Two statements and not a MERGE: inserting what is new is most of the work, and
 * takes half the time that way (measured in docs/decisions/0016). Throws `TARGET_NOT_UNIQUE`.
 */
export async function mergeStaging(session: Session, table: TableName, columns: readonly Column[]): Promise<Merged> {
  const target = quoteTable(table);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${before} AS SELECT id, "timestamp", "text" FROM ${target} SEMI JOIN ${staging} USING (id)`,
  );
  const known = await session.count(`SELECT count(*) FROM ${before}`);
  await assertUnique(session, table, known);
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const updates = names.filter((name) => name !== '"id"').map((name) => `${name} = s.${name}`);
  const isEmpty = known === 0;
  const updated = isEmpty
    ? 0
    : await session.run(
        `UPDATE ${target} AS t SET ${updates.join(', ')} FROM ${staging} AS s WHERE t.id = s.id AND ${wins}`,
      );
  const stale = isEmpty
    ? 0
    : await session.count(`SELECT count(*) FROM ${staging} AS s JOIN ${before} AS t USING (id) WHERE NOT ${wins}`);
  const onlyNew = isEmpty ? '' : ` ANTI JOIN ${before} USING (id)`;
  const inserted = await session.run(
    `INSERT INTO ${target} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${staging}${onlyNew}`,
  );
  return { stale, inserted, updated };
}

async function assertUnique(session: Session, table: TableName, known: number): Promise<void> {
  if (known === 0 || (await session.count(`SELECT count(DISTINCT id) FROM ${before}`)) === known) return;
  const doubles = `SELECT id FROM ${before} GROUP BY id HAVING count(*) > 1`;
  const ids = await session.rows(`${doubles} ORDER BY id LIMIT ${shownIds}`);
  const count = await session.count(`SELECT count(*) FROM (${doubles})`);
  throw targetNotUnique(
    tableText(table),
    ids.map(({ id }) => String(id)),
    count,
  );
}
