import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describeError } from '../../base/errors/describe.js';
import { UsageError } from '../../base/errors/mlops-error.js';

/** The statement of an argument, of stdin (`-`) or of a file. Throws UsageError `SQL_MISSING`, `SQL_UNREADABLE`. */
export async function readSql(
  { argument, file }: { readonly argument: string | undefined; readonly file: string | undefined },
  { cwd, stdin }: { readonly cwd: string; readonly stdin: Readable },
): Promise<string> {
  if ((argument === undefined) === (file === undefined)) {
    throw new UsageError(argument === undefined ? 'There is no statement' : 'There are two statements', {
      code: 'SQL_MISSING',
      actions: [
        "Write it as the argument: mlops warehouse query 'SELECT ..'",
        'Or name a file: --file report.sql, or - for stdin',
      ],
    });
  }
  const sql =
    argument === undefined ? await readText(resolve(cwd, file ?? '')) : argument === '-' ? await text(stdin) : argument;
  if (sql.trim() === '') throw new UsageError('The statement is empty', { code: 'SQL_MISSING' });
  return sql;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read`, { code: 'SQL_UNREADABLE', why: describeError(error), cause: error });
  }
}
