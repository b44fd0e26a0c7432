import type { Field } from '@aws-sdk/client-redshift-data';
import { type AwsSettings, allPages, createCaller } from './client.js';
import { hasAwsCode } from './errors.js';
import { patient } from './retries.js';

/** Which database, and as whom. Exactly one of workgroup and cluster. */
export interface DataApiTarget {
  /** Serverless, by its name. */
  readonly workgroup?: string | undefined;
  /** Provisioned, by its identifier. */
  readonly cluster?: string | undefined;
  readonly database: string;
  /** User of a cluster whose password IAM makes up; without it the IAM identity is the user. */
  readonly user?: string | undefined;
  /** Name or ARN of a secret in Secrets Manager with user and password. */
  readonly secret?: string | undefined;
}

export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

export interface StatementPart {
  readonly id: string;
  readonly status: StatementStatus;
  readonly error: string | undefined;
}

export interface StatementState {
  readonly id: string;
  readonly status: StatementStatus;
  readonly error: string | undefined;
  readonly hasResult: boolean;
  /** Process of the session in Redshift, as the system views name it; 0 before there is one. */
  readonly pid: number;
  /** The statements of a batch, in its order; empty for a single one. */
  readonly parts: readonly StatementPart[];
}

/** A value as the Data API gives it: what is not a number or a boolean is text. */
export type DataApiValue = string | number | boolean | null;

export interface ResultPage {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly DataApiValue[])[];
  /** For the next page; undefined at the last one. */
  readonly next: string | undefined;
}

export interface RunOptions {
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Up to 500 characters; `list` finds it again. */
  readonly name?: string | undefined;
  /** The same token is the same statement, however often it is sent. */
  readonly token: string;
}

/**
 * Redshift's Data API: SQL over HTTPS. What is submitted runs on whether anybody waits or not; so a submission takes no
 * signal, because one that is cut off may be running with an id that nobody knows.
 */
export interface RedshiftData {
  /** One statement. Gives its id. */
  execute(target: DataApiTarget, sql: string, options: RunOptions): Promise<string>;
  /** At most 40 statements as one transaction. Gives its id. */
  executeBatch(target: DataApiTarget, sqls: readonly string[], options: RunOptions): Promise<string>;
  /** Answers when the statement has ended, or after `waitS` seconds (at most 30). */
  describe(id: string, waitS: number, signal?: AbortSignal): Promise<StatementState>;
  resultPage(id: string, next?: string, signal?: AbortSignal): Promise<ResultPage>;
  /** False when there is nothing to cancel: it has ended. */
  cancel(id: string): Promise<boolean>;
  /** Statements of this very name by the same identity, in the last 24 hours, the latest first; some 2,000 at most. */
  list(
    target: DataApiTarget,
    name: string,
  ): Promise<readonly { readonly id: string; readonly status: StatementStatus }[]>;
}

/** An attempt has to outlast the longest wait. */
const requestMs = 45_000;
/** Of a listing, with up to 100 statements each. */
const mostPages = 20;

export function createRedshiftData(settings: AwsSettings): RedshiftData {
  const call = createCaller('redshift-data', async () => {
    const sdk = await import('@aws-sdk/client-redshift-data');
    return { sdk, client: new sdk.RedshiftDataClient({ ...settings, ...patient(requestMs) }) };
  });
  const input = ({ parameters = {}, name, token }: RunOptions) => {
    const Parameters = Object.entries(parameters).map(([key, value]) => ({ name: key, value }));
    return {
      ClientToken: token,
      ...(name === undefined ? {} : { StatementName: name }),
      // An empty list is refused.
      ...(Parameters.length === 0 ? {} : { Parameters }),
    };
  };
  return {
    execute: (target, sql, options) =>
      call('ExecuteStatement', nameOf(target), async ({ sdk, client }) => {
        const command = new sdk.ExecuteStatementCommand({ Sql: sql, ...place(target), ...input(options) });
        return (await client.send(command)).Id ?? '';
      }),
    executeBatch: (target, sqls, options) =>
      call('BatchExecuteStatement', nameOf(target), async ({ sdk, client }) => {
        const command = new sdk.BatchExecuteStatementCommand({
          Sqls: [...sqls],
          ExecutionMode: 'TRANSACTION',
          ...place(target),
          ...input(options),
        });
        return (await client.send(command)).Id ?? '';
      }),
    describe: (id, waitS, signal) =>
      call('DescribeStatement', `statement ${id}`, async ({ sdk, client }) => {
        const ask = (WaitTimeSeconds: number | undefined) =>
          client.send(new sdk.DescribeStatementCommand({ Id: id, WaitTimeSeconds }), within(signal));
        const found = await ask(waitS).catch((error: unknown) => {
          // Others wait for the same statement already.
          if (hasAwsCode(error, 'ActiveWaitingRequestsExceededException')) return ask(undefined);
          throw error;
        });
        return {
          id,
          status: asStatus(found.Status),
          error: found.Error || undefined,
          hasResult: found.HasResultSet === true,
          pid: found.RedshiftPid ?? 0,
          parts: (found.SubStatements ?? []).map((part) => ({
            id: part.Id ?? '',
            status: asStatus(part.Status),
            error: part.Error || undefined,
          })),
        };
      }),
    resultPage: (id, next, signal) =>
      call('GetStatementResult', `statement ${id}`, async ({ sdk, client }) => {
        const page = await client.send(new sdk.GetStatementResultCommand({ Id: id, NextToken: next }), within(signal));
        return {
          columns: (page.ColumnMetadata ?? []).map(({ label, name = '', typeName = '' }) => ({
            name: label || name,
            type: typeName,
          })),
          rows: (page.Records ?? []).map((record) => record.map(fieldValue)),
          next: page.NextToken || undefined,
        };
      }),
    cancel: (id) =>
      call('CancelStatement', `statement ${id}`, async ({ sdk, client }) => {
        try {
          return (await client.send(new sdk.CancelStatementCommand({ Id: id }))).Status === true;
        } catch (error) {
          if (hasAwsCode(error, 'ValidationException', 'ResourceNotFoundException')) return false;
          throw error;
        }
      }),
    list: (target, name) =>
      call('ListStatements', nameOf(target), async ({ sdk, client }) => {
        const { ClusterIdentifier, WorkgroupName, Database } = place(target);
        const where = { StatementName: name, ClusterIdentifier, WorkgroupName, Database };
        let pages = 0;
        const all = await allPages(
          (NextToken) => client.send(new sdk.ListStatementsCommand({ ...where, Status: 'ALL', NextToken })),
          ({ Statements }) => Statements,
          ({ NextToken }) => {
            pages += 1;
            return pages < mostPages ? NextToken : undefined;
          },
        );
        return all
          .filter(({ StatementName }) => StatementName === name)
          .sort((a, b) => (b.CreatedAt?.getTime() ?? 0) - (a.CreatedAt?.getTime() ?? 0))
          .map(({ Id = '', Status }) => ({ id: Id, status: asStatus(Status) }));
      }),
  };
}

function place({ workgroup, cluster, database, user, secret }: DataApiTarget) {
  return {
    Database: database,
    WorkgroupName: workgroup,
    ClusterIdentifier: cluster,
    // A workgroup takes its user from the identity; with a secret it is in there.
    DbUser: cluster === undefined || secret !== undefined ? undefined : user,
    SecretArn: secret,
  };
}

function nameOf({ workgroup, cluster }: DataApiTarget): string {
  return workgroup === undefined ? `cluster ${cluster}` : `workgroup ${workgroup}`;
}

function asStatus(status: string | undefined): StatementStatus {
  return (status ?? 'SUBMITTED') as StatementStatus;
}

function fieldValue(field: Field): DataApiValue {
  if (field.isNull === true) return null;
  if (field.blobValue !== undefined) return Buffer.from(field.blobValue).toString('base64');
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}

function within(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
