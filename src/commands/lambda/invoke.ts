import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { warehouseFlags } from '../../lib/cli/warehouse-flags.js';

export default class LambdaInvoke extends MlopsCommand<unknown> {
  static override summary = 'Run a function of the pipeline here, as Lambda would';

  static override description =
    `The same code, the same environment variables (S3_BUCKET, RECORDINGS_PREFIX, RESULT_FORMAT, REDSHIFT_*: docs/pipeline.md). AWS_ENDPOINT_URL leads to any S3. What the function answers is printed; exit 1 when it names something that failed.`;

  static override examples = [
    'S3_BUCKET=my-bucket <%= config.bin %> <%= command.id %> transcribe --event event.json',
    'S3_BUCKET=my-bucket <%= config.bin %> <%= command.id %> load --engine duckdb',
    'AWS_ENDPOINT_URL=http://127.0.0.1:5000 S3_BUCKET=calls <%= config.bin %> <%= command.id %> transcribe -e event.json --json',
  ];

  static override args = {
    name: Args.string({
      description: 'which function',
      required: true,
      options: ['transcribe', 'load'],
      ignoreStdin: true,
    }),
  };

  static override flags = {
    event: Flags.string({
      char: 'e',
      helpValue: 'FILE',
      summary: 'the event as JSON, of S3 or SQS; load needs none',
    }),
    timeout: Flags.integer({
      summary: 'seconds that the run has, as the function has',
      env: 'MLOPS_LAMBDA_TIMEOUT',
      default: 900,
      min: 30,
      max: 900,
    }),
    ...warehouseFlags,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LambdaInvoke);
    const { createLocalFunction } = await import('../../lib/lambda/create-local.js');
    const { hasFailures, invoke, requireEvent } = await import('../../lib/lambda/invoke.js');
    const name = args.name as 'transcribe' | 'load';
    const event = requireEvent(name, flags.event);
    const { reporter, env, cwd } = this.deps;
    const local = await createLocalFunction({
      ...{ name, env, cwd, reporter, signal: this.interrupt, warehouse: flags },
      project: await this.project(),
      memoryBytes: process.availableMemory(),
      writeLine: (line) => reporter.note(line),
    });
    try {
      const request = { event, cwd, reporter, timeoutMs: flags.timeout * 1000, signal: this.interrupt };
      const response = await invoke(local.handler, request);
      await this.print(JSON.stringify(response, null, 2));
      if (hasFailures(response)) this.setExitCode(1);
      return response;
    } finally {
      await local.close();
    }
  }
}
