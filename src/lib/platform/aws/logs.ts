import { UsageError } from '../../base/errors/mlops-error.js';
import { type AwsSettings, createCaller } from './client.js';
import { hasAwsCode } from './errors.js';
import { patient } from './retries.js';

/** One row of an answer, by field name; `@ptr` names the log line that it was made of. */
export type LogRow = Readonly<Record<string, string>>;

/** CloudWatch's own words for how far a query is. */
export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout' | 'Unknown';

export interface QueryAnswer {
  readonly status: QueryStatus;
  readonly rows: readonly LogRow[];
  readonly recordsScanned: number;
  readonly recordsMatched: number;
  readonly bytesScanned: number;
}

export interface QueryRequest {
  readonly groups: readonly string[];
  /** As it is, never a part of another one. */
  readonly query: string;
  /** Milliseconds since 1970; CloudWatch takes whole seconds, both included. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
}

/** An abort of `signal` ends a call at once, also while it waits for an answer that does not come. */
export interface Logs {
  /** The id of the query; undefined when the account runs as many as it may at this moment. */
  startQuery(request: QueryRequest, signal: AbortSignal): Promise<string | undefined>;
  queryResults(id: string, signal: AbortSignal): Promise<QueryAnswer>;
  /** Stopping what has ended is not an error. Gives up soon: it is called by somebody who wants to leave. */
  stopQuery(id: string): Promise<void>;
}

/** How long stopping may take, repetitions included. */
const stopMs = 3_000;

/**
 * CloudWatch Logs Insights. Permissions: logs:StartQuery on the groups, logs:GetQueryResults, logs:StopQuery. All of it reads,
 * so a call without an answer is repeated; a query that was started by an answer that got lost runs to its end unseen.
 */
export function createLogs(settings: AwsSettings, timeouts: { readonly requestMs?: number } = {}): Logs {
  const call = createCaller('logs', async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch-logs');
    // StartQuery and GetQueryResults have quotas per second that everybody in the account shares.
    return { sdk, client: new sdk.CloudWatchLogsClient({ ...settings, ...patient(timeouts.requestMs) }) };
  });
  return {
    startQuery: ({ groups, query, fromMs, untilMs, limit }, abortSignal) =>
      call('StartQuery', groups.join(', '), async ({ sdk, client }) => {
        try {
          const { queryId } = await client.send(
            new sdk.StartQueryCommand({
              logGroupNames: [...groups],
              queryString: query,
              startTime: Math.floor(fromMs / 1000),
              endTime: Math.ceil(untilMs / 1000),
              limit,
            }),
            { abortSignal },
          );
          return queryId;
        } catch (error) {
          if (hasAwsCode(error, 'LimitExceededException')) return undefined;
          throw explained(error, groups) ?? error;
        }
      }),

    queryResults: (queryId, abortSignal) =>
      call('GetQueryResults', queryId, async ({ sdk, client }) => {
        const command = new sdk.GetQueryResultsCommand({ queryId });
        const { status, results = [], statistics } = await client.send(command, { abortSignal });
        return {
          status: (status ?? 'Unknown') as QueryStatus,
          rows: results.map((fields) => Object.fromEntries(fields.map(({ field = '', value = '' }) => [field, value]))),
          recordsScanned: statistics?.recordsScanned ?? 0,
          recordsMatched: statistics?.recordsMatched ?? 0,
          bytesScanned: statistics?.bytesScanned ?? 0,
        };
      }),

    stopQuery: (queryId) =>
      call('StopQuery', queryId, async ({ sdk, client }) => {
        try {
          await client.send(new sdk.StopQueryCommand({ queryId }), { abortSignal: AbortSignal.timeout(stopMs) });
        } catch (error) {
          if (!hasAwsCode(error, 'InvalidParameterException', 'ResourceNotFoundException')) throw error;
        }
      }),
  };
}

/** What the user can mend, said in the user's words. */
function explained(error: unknown, groups: readonly string[]): UsageError | undefined {
  const why = error instanceof Error ? error.message : String(error);
  if (hasAwsCode(error, 'MalformedQueryException')) {
    return new UsageError('CloudWatch does not understand the query', {
      code: 'LOG_QUERY_MALFORMED',
      why,
      actions: ['Its language: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html'],
      cause: error,
    });
  }
  if (hasAwsCode(error, 'ResourceNotFoundException')) {
    return new UsageError('There is no such log group', {
      code: 'LOG_GROUP_MISSING',
      why: `${groups.join(', ')}: ${why}`,
      actions: ['aws logs describe-log-groups --query "logGroups[].logGroupName"', 'mlops provision'],
      cause: error,
    });
  }
  return undefined;
}
