import { targetNotUnique } from '../errors.js';
import { quoteIdentifier, quoteTable, type TableName, tableText } from '../sql/identifier.js';
import type { Column } from '../table.js';
import type { Session } from './session.js';
import { staging } from './staging.js';

/** Every id of the load so far, with the time of its best row, and whether that one lost against the target. */
export const seen = 'mlops_seen';
/** What the target holds of the ids in staging, before it is changed; those whose rows in staging win. */
const before = 'mlops_before';
const winners = 'mlops_winners';
/** Ids in staging that an earlier part had too. */
const again = 'mlops_again';
/** At the end of `TARGET_NOT_UNIQUE`, as examples. */
const shownIds = 5;

/** Whether the row of staging `s` wins against the one of the target `t`: later, or at the same time the greater text. */
const wins = `(t."timestamp" IS NULL OR s."timestamp" > t."timestamp" OR (s."timestamp" = t."timestamp"
  AND s."text" IS NOT NULL AND (t."text" IS NULL OR s."text" > t."text")))`;

export interface Merged {
  readonly duplicates: number;
  readonly stale: number;
  readonly inserted: number;
  readonly updated: number;
}

export async function createSeen(session: Session): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE ${seen} (id VARCHAR, "timestamp" TIMESTAMP, is_stale BOOLEAN)`);
}

/**
 * Brings a part of the load, one row for each id, from staging to the target. Adds to the counts so that they come out as if
 * all of the load had been one part: a row that loses to one of another part is a duplicate, whichever came first.
 *
 * Two statements and not a MERGE: inserting what is new is most of the work, and takes less time that way (measured in
 * docs/decisions/0016). Throws `TARGET_NOT_UNIQUE`.
 */
export async function mergeStaging(
  session: Session,
  table: TableName,
  columns: readonly Column[],
  soFar: Merged,
): Promise<Merged> {
  const target = quoteTable(table);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${before} AS SELECT id, "timestamp", "text" FROM ${target} SEMI JOIN ${staging} USING (id)`,
  );
  const known = await session.count(`SELECT count(*) FROM ${before}`);
  const changes = known === 0 ? nothing : await replaceOlder(session, table, columns, known);
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const onlyNew = known === 0 ? '' : ` ANTI JOIN ${before} USING (id)`;
  const inserted = await session.run(`INSERT INTO ${target} (${names}) SELECT ${names} FROM ${staging}${onlyNew}`);
  await session.run(`INSERT INTO ${seen} SELECT id, "timestamp", FALSE FROM ${staging}${onlyNew}`);
  return {
    duplicates: soFar.duplicates + changes.duplicates,
    stale: soFar.stale + changes.stale,
    inserted: soFar.inserted + inserted,
    updated: soFar.updated + changes.updated,
  };
}

type Changes = Omit<Merged, 'inserted'>;
const nothing: Changes = { duplicates: 0, stale: 0, updated: 0 };

/** For the ids of staging that the target has: replaces rows that lose. */
async function replaceOlder(
  session: Session,
  table: TableName,
  columns: readonly Column[],
  known: number,
): Promise<Changes> {
  await assertUnique(session, table, known);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${winners} AS SELECT id FROM ${staging} AS s JOIN ${before} AS t USING (id) WHERE ${wins}`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${again} AS SELECT id, is_stale FROM ${seen} SEMI JOIN ${staging} USING (id)`,
  );
  const counted = (from: string) => session.count(`SELECT count(*) FROM ${from}`);
  const repeated = await counted(again);
  const wonAfterStale = await counted(`${again} SEMI JOIN ${winners} USING (id) WHERE is_stale`);
  const wonFirst = await counted(`${winners} ANTI JOIN ${again} USING (id)`);
  const lostFirst = `${before} ANTI JOIN ${winners} USING (id) ANTI JOIN ${again} USING (id)`;
  const stale = await counted(lostFirst);

  const updates = columns.map(({ name }) => quoteIdentifier(name)).filter((name) => name !== '"id"');
  const set = updates.map((name) => `${name} = s.${name}`).join(', ');
  const won = `${staging} SEMI JOIN ${winners} USING (id)`;
  await session.run(`UPDATE ${quoteTable(table)} AS t SET ${set} FROM (SELECT * FROM ${won}) AS s WHERE t.id = s.id`);
  await session.run(
    `UPDATE ${seen} AS t SET "timestamp" = s."timestamp", is_stale = FALSE FROM (SELECT * FROM ${won}) AS s WHERE t.id = s.id`,
  );
  await session.run(
    `INSERT INTO ${seen} SELECT id, "timestamp", TRUE FROM ${staging} SEMI JOIN (SELECT id FROM ${lostFirst}) USING (id)`,
  );
  await session.run(`INSERT INTO ${seen} SELECT id, "timestamp", FALSE FROM ${won} ANTI JOIN ${again} USING (id)`);
  return { duplicates: repeated, stale: stale - wonAfterStale, updated: wonFirst + wonAfterStale };
}

async function assertUnique(session: Session, table: TableName, known: number): Promise<void> {
  if ((await session.count(`SELECT count(DISTINCT id) FROM ${before}`)) === known) return;
  const doubles = `SELECT id FROM ${before} GROUP BY id HAVING count(*) > 1`;
  const ids = await session.rows(`${doubles} ORDER BY id LIMIT ${shownIds}`);
  const count = await session.count(`SELECT count(*) FROM (${doubles})`);
  throw targetNotUnique(
    tableText(table),
    ids.map(({ id }) => String(id)),
    count,
  );
}
