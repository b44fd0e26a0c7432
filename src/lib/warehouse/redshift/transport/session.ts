import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Client, DatabaseError, QueryArrayConfig, QueryArrayResult } from 'pg';
import { describeError, hasCode } from '../../../base/errors/describe.js';
import { PrerequisiteError } from '../../../base/errors/mlops-error.js';
import type { DirectTarget } from '../connection.js';
import { SqlFailure } from './types.js';

const connectMs = 15_000;

/** A connection that is open. */
export interface Session {
  /** Process of the session in Redshift, to find it in the system views. */
  readonly pid: number;
  /** Whether the COMMIT is on its way: from then on only its answer tells how it ends. */
  readonly isCommitting: boolean;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  run(sql: string, values?: readonly string[], statement?: string): Promise<QueryArrayResult<(string | null)[]>>;
  /** SQL of people: by the extended protocol, in which the server takes one statement and no more. */
  runOne(sql: string): Promise<QueryArrayResult<(string | null)[]>>;
  commit(): Promise<void>;
  end(): Promise<void>;
  destroy(): void;
}

/**
 * Opens one, by TLS with a certificate that is valid for the host, or not at all. Throws PrerequisiteError `TLS_REFUSED`,
 * `TLS_UNTRUSTED`, `CA_FILE_UNREADABLE`, `LOGIN_REFUSED`, `WAREHOUSE_UNREACHABLE`.
 */
export async function connect(target: DirectTarget): Promise<Session> {
  const { default: pg } = await import('pg');
  const { host, port, database, user, password, caFile } = target;
  const ca = caFile === undefined ? undefined : await readCa(caFile);
  const ssl = {
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
  const client = new pg.Client({
    ...{ host, port, database, user, password: password.reveal(), ssl, connectionTimeoutMillis: connectMs },
    application_name: 'mlops',
    // Values stay the text that Redshift sent: values.ts decides by type.
    types: { getTypeParser: () => (text: string) => text },
  });
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
  });
  try {
    await client.connect();
  } catch (error) {
    throw connectFailure(target, error);
  }
  const closed = new Promise<void>((resolve) => client.once('end', () => resolve()));
  let isCommitting = false;
  let pid = 0;
  // Its types do not have queryMode yet.
  const send = async (query: QueryArrayConfig & { readonly queryMode?: 'extended' }, statement?: string) => {
    try {
      return await client.query<(string | null)[]>(query);
    } catch (error) {
      throw new SqlFailure(describeError(lost ?? error), { statement, pid, cause: error });
    }
  };
  const run: Session['run'] = (text, values = [], statement) =>
    send({ text, values: [...values], rowMode: 'array' }, statement);
  try {
    // The number that the protocol gave may be a proxy's, and the system views know another one.
    const { rows } = await run('SELECT pg_backend_pid()');
    pid = Number(rows[0]?.[0]);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return {
    pid,
    closed,
    get isCommitting() {
      return isCommitting;
    },
    run,
    runOne: (text) => send({ text, rowMode: 'array', queryMode: 'extended' }),
    async commit() {
      isCommitting = true;
      try {
        await run('COMMIT');
      } catch (error) {
        if (error instanceof SqlFailure && isAnswer(error.cause, pg.DatabaseError)) throw error;
        const message = 'The connection was lost at the commit.';
        throw new SqlFailure(message, { pid, isOutcomeUnknown: true, cause: error });
      } finally {
        isCommitting = false;
      }
    },
    end: () => client.end().catch(() => undefined),
    destroy: () => {
      (
        client as Client & { readonly connection?: { readonly stream?: { destroy(): void } } }
      ).connection?.stream?.destroy();
    },
  };
}

/**
 * Whether Redshift has said that it did not commit. Without an answer nobody knows, and one that says that the session or
 * the server ends may come after the commit was done: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function isAnswer(error: unknown, ofServer: typeof DatabaseError): boolean {
  return error instanceof ofServer && !/^(57P|08)/.test(error.code ?? '');
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PrerequisiteError(`The certificates of ${path} cannot be read`, {
      code: 'CA_FILE_UNREADABLE',
      why: describeError(error),
      actions: ['Correct PGSSLROOTCERT, or unset it to trust the usual certificates'],
    });
  }
}

function connectFailure({ host, port, user, caFile }: DirectTarget, error: unknown): PrerequisiteError {
  const why = `${host}:${port}: ${describeError(error)}`;
  const code = (error as { code?: unknown }).code;
  if (error instanceof Error && /does not support SSL/.test(error.message)) {
    return new PrerequisiteError('The server does not speak TLS', {
      code: 'TLS_REFUSED',
      why: `${why}. A password is never sent without.`,
      actions: ['Check REDSHIFT_HOST and REDSHIFT_PORT'],
      cause: error,
    });
  }
  if (typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    const trusted = caFile === undefined ? 'No known authority vouches for' : `${caFile} does not vouch for`;
    return new PrerequisiteError('The certificate of the server is not the right one', {
      code: 'TLS_UNTRUSTED',
      why: `${why}. ${trusted} this certificate and this name.`,
      actions: ['Use the name that AWS gave the warehouse', 'Trust another authority: PGSSLROOTCERT=FILE'],
      cause: error,
    });
  }
  if (hasCode(error, '28P01') || hasCode(error, '28000')) {
    return new PrerequisiteError(`Redshift does not let ${user} in`, {
      code: 'LOGIN_REFUSED',
      why,
      actions: ['Check REDSHIFT_USER and REDSHIFT_PASSWORD'],
      cause: error,
    });
  }
  return new PrerequisiteError('Redshift cannot be reached', {
    code: 'WAREHOUSE_UNREACHABLE',
    why,
    actions: [
      'A warehouse in private subnets is reached from inside its VPC only; the Data API from anywhere: REDSHIFT_WORKGROUP',
    ],
    cause: error,
  });
}
