import * as Flags from '@oclif/core/flags';
import { tonePainter } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import { isPipedIn } from '../lib/cli/piped-in.js';

export default class Logs extends MlopsCommand<undefined> {
  static override summary = 'Search the logs in CloudWatch, or make log lines from a pipe readable';

  static override description =
    `Without flags and with something piped in, it prints the JSON log lines of mlops for people; other lines pass through
unchanged. Else it asks CloudWatch Logs Insights, which is paid by what it scans: a short --since is cheap.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --errors --since 1h',
    '<%= config.bin %> <%= command.id %> --service lambda --follow',
    "<%= config.bin %> <%= command.id %> --since 1d --query 'stats count(*) by bin(1h)' --json",
    'kubectl logs deploy/mlops --follow | <%= config.bin %> <%= command.id %>',
  ];

  static override flags = {
    errors: Flags.boolean({
      summary: 'only lines that say that something failed: ERROR, a function out of time, ...',
      exclusive: ['query'],
    }),
    query: Flags.string({ summary: 'a query of Logs Insights of your own', helpValue: 'QUERY' }),
    service: Flags.option({ options: ['serve', 'lambda', 'eks'] as const, multiple: true })({
      summary: 'whose logs: the servers, the functions, the cluster; default: servers and functions',
    }),
    'log-group': Flags.string({
      summary: 'log group by name',
      multiple: true,
      exclusive: ['service'],
      helpValue: 'NAME',
    }),
    since: Flags.string({ summary: 'how far back, or from when: 30m, 1h, 2d, 2026-01-31T10:00Z', helpValue: 'TIME' }),
    until: Flags.string({ summary: 'until when; default: now', exclusive: ['follow'], helpValue: 'TIME' }),
    follow: Flags.boolean({ char: 'f', summary: 'go on with what comes in, until Ctrl-C' }),
    limit: Flags.integer({ summary: 'at most so many rows', min: 1, max: 10_000, exclusive: ['follow'] }),
  };

  async run(): Promise<undefined> {
    const { flags } = await this.parse(Logs);
    this.streamsJson = this.jsonEnabled();
    const paint = tonePainter(process.stdout);
    const piped = !asksCloudWatch(flags) && isPipedIn();
    // The first Ctrl-C goes to whoever writes the lines too: its last ones are worth reading.
    const signal = this.interrupt;
    if (piped) {
      const { prettyPrint } = await import('../lib/monitoring/logs/pretty.js');
      await prettyPrint(process.stdin, process.stdout, { paint, json: this.jsonEnabled() });
      return undefined;
    }
    const { lineWriter, runLogs } = await import('../lib/monitoring/logs/run-logs.js');
    const { formatRow } = await import('../lib/monitoring/logs/rows.js');
    const write = lineWriter(process.stdout);
    const request = {
      project: await this.project(),
      services: flags.service ?? [],
      groups: flags['log-group'] ?? [],
      errors: flags.errors,
      query: flags.query,
      since: flags.since ?? (flags.follow ? '1m' : '1h'),
      until: flags.until,
      follow: flags.follow,
      limit: flags.limit ?? 1_000,
      signal,
      env: this.deps.env,
    };
    await runLogs(
      request,
      (row) => write(this.jsonEnabled() ? JSON.stringify(row) : formatRow(row, paint)),
      this.deps.reporter,
    );
    return undefined;
  }
}

/** Any flag but --json is about CloudWatch. */
function asksCloudWatch(flags: object): boolean {
  return Object.entries(flags).some(([name, value]) => name !== 'json' && value !== undefined && value !== false);
}
