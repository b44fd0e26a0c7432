import { type MlopsError, OperationError } from '../../../base/errors/mlops-error.js';
import { quoteTable, type TableName, tableText } from '../../sql/identifier.js';
import type { SqlFailure, SqlTransport } from '../transport/types.js';
import { statementNames } from './statements.js';

/** Rows of the load-error view, and ids that are there twice, as examples. */
const shown = 5;

/** The error for people of a load that Redshift did not take. */
export async function loadFailed(
  sql: SqlTransport,
  table: TableName,
  failure: SqlFailure,
  since: Date,
): Promise<MlopsError> {
  const name = tableText(table);
  if (failure.statement === statementNames.unique) return await notUnique(sql, table, failure);
  if (failure.statement === statementNames.check) {
    return new OperationError('The counts of the load do not add up', {
      code: 'COUNTS_DO_NOT_ADD_UP',
      why: `What arrived in ${name} is not what was sent. The transaction was rolled back: the table is as it was.`,
      actions: [
        'Run the command again; if it happens again, something else writes to the table or to the staging place',
      ],
      cause: failure,
    });
  }
  const at = failure.statement === undefined ? '' : ` at ${failure.statement}`;
  const details = failure.statement === statementNames.copy ? await loadErrors(sql, failure.pid, since) : [];
  const outcome = failure.isOutcomeUnknown ? 'It may be committed all the same.' : 'The table is as it was.';
  return new OperationError(`Loading into ${name} failed`, {
    code: 'LOAD_FAILED',
    why: [`Redshift says${at}: ${failure.message}`, ...details, outcome].join('\n'),
    actions: hints(failure),
    cause: failure,
  });
}

/**
 * What COPY noted of the rows that it refused: serverless and clusters both have this view.
 * https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
 */
async function loadErrors(sql: SqlTransport, pid: number | undefined, since: Date): Promise<readonly string[]> {
  if (!pid) return [];
  try {
    const rows = await sql.rows(
      `SELECT TRIM(file_name) AS file, line_number AS line, TRIM(column_name) AS col, TRIM(error_message) AS message
       FROM sys_load_error_detail WHERE session_id = CAST(:pid AS INTEGER) AND start_time >= CAST(:since AS TIMESTAMP)
       ORDER BY start_time DESC LIMIT ${shown}`,
      { pid: String(pid), since: since.toISOString().slice(0, 19).replace('T', ' ') },
    );
    return rows.map(
      ({ file, line, col, message }) => `${String(file)}, line ${String(line)}, ${String(col)}: ${String(message)}`,
    );
  } catch {
    // The error itself is what counts; who may not read the view still gets it.
    return [];
  }
}

async function notUnique(sql: SqlTransport, table: TableName, cause: SqlFailure): Promise<MlopsError> {
  const doubled = `SELECT "id" FROM ${quoteTable(table)} GROUP BY "id" HAVING count(*) > 1`;
  const found = await sql.rows(`${doubled} ORDER BY "id" LIMIT ${shown}`).catch(() => []);
  return new OperationError(`${tableText(table)} holds ids of this load more than once`, {
    code: 'TARGET_NOT_UNIQUE',
    why: `Ids that it has more than once: ${found.map(({ id }) => String(id)).join(', ')}. Which of the rows is right cannot be known from here. Nothing was loaded.`,
    actions: ['Keep one row of each id, and run the command again', `See them: ${doubled}`],
    cause,
  });
}

function hints({ message }: SqlFailure): readonly string[] {
  if (/permission denied/i.test(message)) {
    return ['Let this user load: mlops warehouse init as an owner of the table, with REDSHIFT_LOADER set to its name'];
  }
  if (/not authorized|S3ServiceException|AccessDenied|IAM role/i.test(message)) {
    return ['Check that the role of COPY may read the staging place, and that the warehouse has this role'];
  }
  if (/exceeds the max size of 65535/i.test(message)) {
    return [
      'Redshift does not merge segments of more than 65535 bytes, and only a merge keeps the values of columns of your own: move these to a table of their own',
    ];
  }
  return ['Run the command again: it goes on where it stopped'];
}
