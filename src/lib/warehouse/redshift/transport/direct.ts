import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Client, FieldDef, QueryArrayConfig, QueryArrayResult } from 'pg';
import { describeError, hasCode } from '../../../base/errors/describe.js';
import { InterruptedError, PrerequisiteError } from '../../../base/errors/mlops-error.js';
import type { DirectTarget } from '../connection.js';
import { meaningful, positional, scanSql } from '../sql-scan.js';
import { SqlFailure, type SqlTransport } from './types.js';
import { queryValue } from './values.js';

/** Rows of one part of a query. */
const rowsAtOnce = 1_000;
const connectMs = 15_000;

/** By their numbers in the catalog, as the Data API calls them. 4000 is Redshift's own. */
const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'text',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
  4000: 'super',
};

/** SQL by a connection with a password: always TLS, with a certificate that is valid for the host. */
export function createDirectTransport(target: DirectTarget): SqlTransport {
  const connected = async <T>(signal: AbortSignal | undefined, use: (session: Session) => Promise<T>): Promise<T> => {
    throwIfInterrupted(signal);
    const session = await connect(target);
    // Redshift ends what a connection was doing when it is gone, and rolls back.
    const drop = () => session.destroy();
    signal?.addEventListener('abort', drop, { once: true });
    try {
      return await use(session);
    } catch (error) {
      throwIfInterrupted(signal);
      throw error;
    } finally {
      signal?.removeEventListener('abort', drop);
      await session.end();
    }
  };
  return {
    transaction: (statements, parameters, { signal, onProgress }) =>
      connected(signal, async (session) => {
        await session.run('BEGIN');
        for (const { name, sql } of statements) {
          onProgress(name);
          await session.run(...positional(sql, parameters), name);
        }
        onProgress('commit');
        await session.commit();
        return { statementId: null };
      }),
    rows: (sql, parameters = {}, signal) =>
      connected(signal, async (session) => {
        const { fields, rows } = await session.run(...positional(sql, parameters));
        return rows.map((row) => Object.fromEntries(fields.map((field, at) => [field.name, cell(row[at], field)])));
      }),
    async query(sql, signal) {
      throwIfInterrupted(signal);
      const session = await connect(target);
      const drop = () => session.destroy();
      signal?.addEventListener('abort', drop, { once: true });
      const end = async () => {
        signal?.removeEventListener('abort', drop);
        await session.end();
      };
      const batches = read(session, sql);
      try {
        const first = (await batches.next()).value;
        if (first === undefined) throw new SqlFailure('The statement gave no result.');
        const columns = first.fields.map((field) => ({ name: field.name, type: typeOf(field) }));
        const parts = async function* () {
          try {
            for (let batch: QueryArrayResult | undefined = first; batch !== undefined; ) {
              const { rows, fields } = batch;
              if (rows.length > 0) yield rows.map((row) => fields.map((field, at) => cell(row[at], field)));
              batch = (await batches.next()).value;
            }
          } catch (error) {
            throwIfInterrupted(signal);
            throw error;
          } finally {
            await end();
          }
        };
        return { columns, parts: parts() };
      } catch (error) {
        await end();
        throwIfInterrupted(signal);
        throw error;
      }
    },
    settle: async () => false,
  };
}

/** A cursor holds the rows in Redshift; what is not a query by itself (SHOW, EXPLAIN) has few of them. */
async function* read(session: Session, sql: string): AsyncGenerator<QueryArrayResult, undefined> {
  await session.run('BEGIN READ ONLY');
  const first = meaningful(scanSql(sql))[0]?.text.toLowerCase();
  if (first !== 'select' && first !== 'with' && first !== '(') {
    yield await session.runOne(sql);
    return undefined;
  }
  // A semicolon at the end is allowed in a query, and not in a cursor's.
  await session.runOne(`DECLARE mlops_query CURSOR FOR ${sql.replace(/;\s*$/, '')}`);
  for (;;) {
    const batch = await session.run(`FETCH FORWARD ${rowsAtOnce} FROM mlops_query`);
    yield batch;
    if (batch.rows.length < rowsAtOnce) return undefined;
  }
}

interface Session {
  run(sql: string, values?: readonly string[], statement?: string): Promise<QueryArrayResult<(string | null)[]>>;
  /** SQL of people: by the extended protocol, in which the server takes one statement and no more. */
  runOne(sql: string): Promise<QueryArrayResult<(string | null)[]>>;
  commit(): Promise<void>;
  end(): Promise<void>;
  destroy(): void;
}

async function connect(target: DirectTarget): Promise<Session> {
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
  const pid = (client as Client & { readonly processID?: number }).processID;
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
  return {
    run,
    runOne: (text) => send({ text, rowMode: 'array', queryMode: 'extended' }),
    async commit() {
      try {
        await run('COMMIT');
      } catch (error) {
        // An answer of Redshift says that it did not; without an answer nobody knows.
        const isAnswer =
          error instanceof SqlFailure && /^[0-9A-Z]{5}$/.test(String((error.cause as { code?: unknown }).code));
        if (isAnswer) throw error;
        throw new SqlFailure('The connection was lost at the commit.', { pid, isOutcomeUnknown: true, cause: error });
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

function typeOf({ dataTypeID }: FieldDef): string {
  return typeNames[dataTypeID] ?? `type ${dataTypeID}`;
}

function cell(value: unknown, field: FieldDef) {
  return queryValue((value ?? null) as string | null, typeOf(field));
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new InterruptedError();
}
