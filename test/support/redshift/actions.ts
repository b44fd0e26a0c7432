import { setTimeout as sleep } from 'node:timers/promises';
import type { Results } from '@electric-sql/pglite';
import { meaningful, scanSql } from '../../../src/lib/warehouse/redshift/sql-scan.js';
import type { Part, Statement, StatementQueue } from './statements.js';

/** An answer of the service that is an error. */
export class ApiError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

interface Service {
  readonly queue: StatementQueue;
  /** Client tokens with the statements that they made. */
  readonly tokens: Map<string, string>;
  readonly pageRows: number;
  readonly pageStatements: number;
}

const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  19: 'name',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'text',
  701: 'float8',
  1042: 'varchar',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
  3802: 'super',
};

type Body = Readonly<Record<string, unknown>>;

export async function answer(action: string, body: Body, service: Service): Promise<object> {
  switch (action) {
    case 'ExecuteStatement':
      return submit([String(body.Sql)], false, body, service);
    case 'BatchExecuteStatement':
      return submit(body.Sqls as string[], true, body, service);
    case 'DescribeStatement':
      return await describe(body, service);
    case 'GetStatementResult':
      return results(body, service);
    case 'CancelStatement':
      return cancel(find(body, service));
    case 'ListStatements':
      return list(body, service);
    default:
      throw new ApiError('UnknownOperationException', action);
  }
}

function submit(sqls: readonly string[], isBatch: boolean, body: Body, { queue, tokens }: Service): object {
  const places = [body.WorkgroupName, body.ClusterIdentifier].filter((place) => place !== undefined);
  if (places.length !== 1)
    throw new ApiError('ValidationException', 'Exactly one of WorkgroupName and ClusterIdentifier');
  if (body.Database === undefined) throw new ApiError('ValidationException', 'Database is missing');
  if (sqls.length === 0 || sqls.length > 40) throw new ApiError('ValidationException', 'Sqls: 1 to 40');
  const list = (body.Parameters ?? []) as { name: string; value: string }[];
  if (body.Parameters !== undefined && list.length === 0)
    throw new ApiError('ValidationException', 'Parameters is empty');
  const parameters = Object.fromEntries(list.map(({ name, value }) => [name, value]));
  checkParameters(sqls, parameters);
  const token = String(body.ClientToken);
  const known = tokens.get(token);
  const statement =
    (known === undefined ? undefined : queue.find(known)) ??
    queue.submit({ sqls, isBatch, parameters, name: body.StatementName as string | undefined });
  tokens.set(token, statement.id);
  return { Id: statement.id, CreatedAt: statement.createdAt, Database: body.Database };
}

/** Every value has to be used by one statement at least, and every name has to have a value. */
function checkParameters(sqls: readonly string[], parameters: Readonly<Record<string, string>>): void {
  const used = new Set(
    sqls.flatMap((sql) =>
      meaningful(scanSql(sql)).flatMap(({ kind, text }) => (kind === 'parameter' ? [text.slice(1)] : [])),
    ),
  );
  for (const name of Object.keys(parameters)) {
    if (!used.has(name)) throw new ApiError('ValidationException', `Parameter ${name} is not referenced`);
  }
  for (const name of used) {
    if (parameters[name] === undefined) throw new ApiError('ValidationException', `Parameter ${name} has no value`);
  }
}

function find({ Id }: Body, { queue }: Service): Statement {
  const statement = queue.find(String(Id).replace(/:\d+$/, ''));
  if (statement === undefined) throw new ApiError('ResourceNotFoundException', `Query ${String(Id)} does not exist`);
  return statement;
}

async function describe(body: Body, service: Service): Promise<object> {
  const statement = find(body, service);
  if (!statement.hasEnded) {
    const done = new AbortController();
    const waited = sleep(Number(body.WaitTimeSeconds ?? 0) * 1000, undefined, { signal: done.signal }).catch(
      () => undefined,
    );
    await Promise.race([statement.ended, waited]);
    done.abort();
  }
  const { id, status, error, pid, parts, submission } = statement;
  const hasResult = (part: Part) => (part.result?.fields.length ?? 0) > 0;
  return {
    Id: id,
    Status: status,
    Error: error,
    RedshiftPid: pid,
    CreatedAt: statement.createdAt,
    HasResultSet: parts.some(hasResult),
    ...(submission.isBatch
      ? {
          SubStatements: parts.map((part, at) => ({
            Id: `${id}:${at + 1}`,
            Status: part.status,
            Error: part.error,
            QueryString: submission.sqls[at],
            HasResultSet: hasResult(part),
          })),
        }
      : {}),
  };
}

function results(body: Body, service: Service): object {
  const statement = find(body, service);
  const [, number = '1'] = /:(\d+)$/.exec(String(body.Id)) ?? [];
  const result = statement.parts[Number(number) - 1]?.result;
  if (statement.status !== 'FINISHED' || result === undefined || result.fields.length === 0) {
    throw new ApiError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
    );
  }
  const start = Number(body.NextToken ?? 0);
  const end = start + service.pageRows;
  return {
    ColumnMetadata: result.fields.map(({ name, dataTypeID }) => ({
      name,
      label: name,
      typeName: typeNames[dataTypeID] ?? 'varchar',
    })),
    Records: result.rows.slice(start, end).map((row) => row.map((value, at) => field(value, result, at))),
    TotalNumRows: result.rows.length,
    ...(end < result.rows.length ? { NextToken: String(end) } : {}),
  };
}

function field(value: unknown, { fields }: Results<unknown[]>, at: number): object {
  if (value === null || value === undefined) return { isNull: true };
  const type = typeNames[fields[at]?.dataTypeID ?? 0] ?? 'varchar';
  if (type === 'bool') return { booleanValue: value };
  if (type === 'float8') return { doubleValue: Number(value) };
  if (type.startsWith('int')) return { longValue: Number(value) };
  return { stringValue: String(value) };
}

function cancel(statement: Statement): object {
  if (statement.hasEnded) {
    throw new ApiError('ValidationException', `Could not cancel a query that is already in ${statement.status} state`);
  }
  statement.isCancelled = true;
  return { Status: true };
}

function list({ StatementName = '', NextToken = 0 }: Body, { queue, pageStatements }: Service): object {
  const found = queue.all.filter(({ submission }) => (submission.name ?? '').startsWith(String(StatementName)));
  const end = Number(NextToken) + pageStatements;
  return {
    Statements: found.slice(Number(NextToken), end).map(({ id, status, submission, createdAt }) => ({
      Id: id,
      Status: status,
      StatementName: submission.name,
      CreatedAt: createdAt,
    })),
    ...(end < found.length ? { NextToken: String(end) } : {}),
  };
}
