import { createHash } from 'node:crypto';
import { InterruptedError, OperationError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import { noCounts } from '../counts.js';
import { assertAddUp, assertUntampered, tableMismatch } from '../errors.js';
import type { WarehouseDeps } from '../settings.js';
import type { SourceList } from '../sources/list.js';
import { type TableName, tableText } from '../sql/identifier.js';
import type { CopyOptions, CopyResult } from '../types.js';
import { maxTextBytes } from './columns.js';
import { loadFailed } from './load/failures.js';
import { findLoad, noteStatement, type PastLoad } from './load/ledger.js';
import { type LoadPlan, loadParameters, loadStatements, statementNames } from './load/statements.js';
import { type StagedLoad, type StagePlace, stageList } from './prepare/stage.js';
import type { Target } from './target.js';
import { outcomeUnknown } from './transport/stopped.js';
import { SqlFailure, type SqlTransport } from './transport/types.js';

export interface CopyContext {
  readonly sql: SqlTransport;
  readonly table: TableName;
  readonly deps: WarehouseDeps;
  readonly place: StagePlace;
  readonly role: string | undefined;
  /** Makes what is missing, and tells what is there. */
  readonly prepareTarget: (signal: AbortSignal | undefined) => Promise<Target>;
}

/** Attempts while other transactions are in the way. */
const attempts = 6;
const firstPauseMs = 500;

/**
 * One load, whoever began it: what an earlier run has done is found in the ledger, what it left running is waited for, and
 * everything else is done again, which changes nothing that was done.
 */
export async function copyList(context: CopyContext, list: SourceList, options: CopyOptions): Promise<CopyResult> {
  assertUntampered(list);
  const { sql, table, deps } = context;
  const { signal, onStep } = options;
  const describe = (status: CopyResult['status'], columns: readonly string[], load?: PastLoad): CopyResult => ({
    ...{ status, engine: 'redshift', table: tableText(table), loadId: list.digest, columns },
    ...{ files: load?.files ?? 0, bytes: load?.bytes ?? 0, counts: load?.counts ?? noCounts },
    ...{ loadedAt: load?.loadedAt ?? null, statementId: load?.statementId ?? null },
  });
  if (list.objects.length === 0) return describe('nothing-to-load', []);
  let unknown: SqlFailure | undefined;
  try {
    const target = await context.prepareTarget(signal);
    const columns = target.columns.map(({ name }) => name);
    const name = statementName(table, list.digest);
    const past = async () => await findLoad(sql, table, list.digest, signal);
    let found = await past();
    if (found === undefined && (await sql.settle(name, signal))) found = await past();
    if (found !== undefined) return describe('already-loaded', columns, found);
    await onStep?.('begun');

    const staged = await stage(context, list, target, signal);
    for (let attempt = 1; ; attempt += 1) {
      const since = new Date();
      try {
        const statementId = await run(context, planOf(context, list, target, staged, since), name, signal);
        // Also after a Ctrl-C that came too late: what is done is told.
        const load = await findLoad(sql, table, list.digest);
        if (load === undefined)
          throw new SqlFailure('The transaction is said to be committed, and the ledger does not have it.');
        assertAddUp(load.counts);
        await onStep?.('committed');
        if (statementId !== null) await noteStatement(sql, table, list.digest, statementId).catch(() => undefined);
        return describe('loaded', columns, { ...load, statementId });
      } catch (error) {
        if (!(error instanceof SqlFailure)) throw error;
        // Somebody else was faster, or it was we and the answer was lost.
        if (error.statement === statementNames.notYet || error.isOutcomeUnknown) {
          if (error.isOutcomeUnknown) unknown = error;
          const load = await past();
          unknown = undefined;
          if (load !== undefined) return describe(error.isOutcomeUnknown ? 'loaded' : 'already-loaded', columns, load);
        }
        const mayRetry = error.isConflict || error.isOutcomeUnknown || error.statement === statementNames.notYet;
        if (!mayRetry || attempt === attempts) throw await loadFailed(sql, table, error, since);
        await deps.sleep(firstPauseMs * 2 ** attempt, signal);
      }
    }
  } catch (error) {
    if (signal?.aborted === true && unknown !== undefined) throw outcomeUnknown(unknown);
    if (signal?.aborted === true && !(error instanceof InterruptedError)) throw new InterruptedError();
    throw error instanceof SqlFailure ? notLoaded(table, error) : error;
  }
}

async function stage(
  context: CopyContext,
  list: SourceList,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<StagedLoad> {
  const { deps, place } = context;
  const total = list.objects.length;
  const staged = await inStep(
    deps.reporter,
    'Preparing the load in S3',
    (step) =>
      stageList(list, target.columns, place, deps, {
        signal,
        onFile: (done) => step.update(`${done} of ${total} files`),
      }),
    ({ rows, manifest }) => `${rows} rows prepared, ${manifest.url}`,
  );
  if (staged.cut > 0) acceptCuts(context.table, target, staged.cut, deps);
  return staged;
}

/**
 * A text may be longer than any column can be, and is cut then. Throws `TABLE_MISMATCH` when the column could be wider: TEXT
 * means VARCHAR(256) in Redshift, which nobody wants who writes it.
 */
function acceptCuts(table: TableName, { columns }: Target, cut: number, { reporter }: WarehouseDeps): void {
  const width = columns.find(({ name }) => name === 'text')?.width ?? maxTextBytes;
  if (width < maxTextBytes) {
    throw tableMismatch(tableText(table), [
      `The column text takes ${width} bytes (TEXT means 256 in Redshift), and ${cut} texts of this load are longer.`,
      `Widen it: ALTER TABLE ${tableText(table)} ALTER COLUMN text TYPE VARCHAR(${maxTextBytes})`,
    ]);
  }
  const marks = columns.some(({ name }) => name === 'text_truncated') ? ': text_truncated marks them' : '';
  reporter.warn(`${cut} texts are longer than the ${width} bytes of their column and were cut${marks}`);
}

async function run(
  { sql, deps }: CopyContext,
  plan: LoadPlan,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  return await inStep(deps.reporter, `Loading into ${tableText(plan.table)}`, async (step) => {
    const begin = performance.now();
    const seconds = () => Math.round((performance.now() - begin) / 1000);
    const onProgress = (running: string) => step.update(`${running}, ${seconds()} s`);
    const done = await sql.transaction(loadStatements(plan), loadParameters(plan), { signal, name, onProgress });
    return done.statementId;
  });
}

function planOf(
  { table, role }: CopyContext,
  list: SourceList,
  target: Target,
  staged: StagedLoad,
  now: Date,
): LoadPlan {
  const loadedAt = now.toISOString().replace('T', ' ').replace('Z', '');
  return { table, target, loadId: list.digest, files: list.objects.length, bytes: list.bytes, staged, role, loadedAt };
}

/** By it another process finds what this one left running. */
export function statementName(table: TableName, loadId: string): string {
  return `mlops-load-${createHash('sha256')
    .update(`${tableText(table)}\0${loadId}`)
    .digest('hex')
    .slice(0, 32)}`;
}

function notLoaded(table: TableName, failure: SqlFailure): OperationError {
  return new OperationError(`Loading into ${tableText(table)} failed`, {
    code: 'LOAD_FAILED',
    why: `Redshift says: ${failure.message}`,
    actions: ['Run the command again: it goes on where it stopped'],
    cause: failure,
  });
}
