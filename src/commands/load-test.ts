import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { colours } from '../lib/cli/colours.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { LoadTestResult } from '../lib/load-test/result.js';

const env = (name: string) => `MLOPS_LOAD_TEST_${name}`;

export default class LoadTest extends MlopsCommand<LoadTestResult> {
  static override aliases = ['loadtest'];

  static override summary = 'Stress a model server and say whether it holds';

  static override description =
    `Sends requests over many connections at once, counts the right answers on its own clock and gives a verdict.

Without URL it serves the project's model (or the bundled one) in a process of its own and holds every answer against the one that the same row got alone. A URL that ends in /api is asked about the rows of the flight-delay model unless --body says otherwise.

Exit codes: 0 pass, 3 fail, 4 invalid measurement, 130 interrupted (with a report of what there was), 1 target not reached.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> http://127.0.0.1:8080/api --slo',
    '<%= config.bin %> <%= command.id %> http://127.0.0.1:8080/api --output report/load-test.json --html report/load-test.html',
    `<%= config.bin %> <%= command.id %> http://127.0.0.1:8080/score --body @request.json --header 'X-Tenant: a'`,
  ];

  static override args = {
    url: Args.string({
      description: 'what to test, http or https; without it the model is served for the test',
      // oclif would otherwise take what is piped in for the argument.
      ignoreStdin: true,
    }),
  };

  static override flags = {
    connections: Flags.integer({
      char: 'c',
      summary: 'connections, one request at a time each [default: 400]',
      env: env('CONNECTIONS'),
    }),
    duration: Flags.string({ char: 'd', summary: 'how long requests are sent [default: 45s]', env: env('DURATION') }),
    threads: Flags.integer({ char: 't', summary: 'threads that generate the load', default: 1, env: env('THREADS') }),
    timeout: Flags.string({ summary: 'time until the last byte of an answer', default: '10s', env: env('TIMEOUT') }),
    'min-requests': Flags.integer({
      summary: 'right answers needed to pass [default: 50000]',
      env: env('MIN_REQUESTS'),
    }),
    method: Flags.string({ char: 'X', summary: 'HTTP method [default: POST with a body, else GET]' }),
    header: Flags.string({
      char: 'H',
      summary: "header 'Name: value', also 'Authorization: Bearer env://TOKEN'; may be repeated",
      multiple: true,
      multipleNonGreedy: true,
    }),
    body: Flags.string({ char: 'b', summary: 'body to send: JSON, or @FILE' }),
    insecure: Flags.boolean({ char: 'k', summary: 'accept any TLS certificate; the report says so', default: false }),
    slo: Flags.boolean({
      summary: 'judge by the SLOs of the project instead of allowing no error',
      default: false,
      env: env('SLO'),
    }),
    output: Flags.string({ char: 'o', summary: 'write the result as JSON to this file' }),
    html: Flags.string({ summary: 'write the report as one self-contained HTML page to this file' }),
  };

  async run(): Promise<LoadTestResult> {
    const { args, flags } = await this.parse(LoadTest);
    const { loadTest } = await import('../lib/load-test/load-test.js');
    const { formatResult } = await import('../lib/load-test/report/text.js');
    const { exitCodeOf } = await import('../lib/load-test/verdict.js');
    const { config, dir } = await this.project();
    const { projectSlos } = await import('../lib/project/slos.js');
    const { serveArguments } = await import('../lib/load-test/served-model.js');
    const serve = [join(this.config.root, 'bin', 'run.js'), ...serveArguments];
    const result = await loadTest(
      { ...flags, url: args.url, minRequests: flags['min-requests'], headers: flags.header ?? [] },
      {
        ...this.deps,
        interrupt: this.interrupt,
        defaults: config.loadTest,
        slos: projectSlos(config),
        model: { reference: config.model, baseDir: dir },
        serve: { program: process.execPath, args: serve, cwd: this.deps.cwd },
        versions: { mlops: this.config.version, node: process.versions.node },
      },
    );
    await this.print(formatResult(result, colours(process.stdout)));
    this.setExitCode(exitCodeOf(result.verdict));
    return result;
  }
}
