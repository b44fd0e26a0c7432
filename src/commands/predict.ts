import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { PredictSummary } from '../lib/inference/predict.js';
import type { RowFormat } from '../lib/inference/rows/format.js';

export default class Predict extends MlopsCommand<PredictSummary | undefined> {
  static override summary = 'Predict rows of a file or of stdin';

  static override description =
    `Reads CSV with or without a header, JSON ({"array": [..]}, one row or several) or JSON lines, of any length.
With a header of the model's feature names the columns may come in any order.
Prints CSV, with --json one JSON object a line; an error after the first row is then the last line.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --input rows.csv',
    '<%= config.bin %> <%= command.id %> model.onnx --input rows.jsonl --probabilities --output predictions.csv',
    'cat rows.csv | <%= config.bin %> <%= command.id %> --input - --json',
  ];

  static override args = {
    model: Args.string({
      description: "ONNX file or a name of the catalog; default: the project's model",
      // oclif would otherwise take what is piped in for the argument.
      ignoreStdin: true,
    }),
  };

  static override flags = {
    input: Flags.string({ char: 'i', summary: 'file with rows, - for stdin', required: true, helpValue: 'FILE|-' }),
    output: Flags.string({
      char: 'o',
      summary: 'write to a file instead of stdout: .csv, or .jsonl for JSON lines',
      helpValue: 'FILE',
    }),
    probabilities: Flags.boolean({ summary: 'also print the probability of each class' }),
    format: Flags.option({ options: ['csv', 'tsv', 'json', 'jsonl'] as const satisfies readonly RowFormat[] })({
      summary: 'format of the input; default: by its name, else by its first character',
    }),
  };

  async run(): Promise<PredictSummary | undefined> {
    const { args, flags } = await this.parse(Predict);
    this.streamsJson = flags.output === undefined && this.jsonEnabled();
    const { openModel } = await import('../lib/model/open.js');
    const { predict } = await import('../lib/inference/predict.js');
    const { cwd, reporter } = this.deps;
    const { config, dir } = await this.project();
    const summary = await predict({
      model: await openModel(args.model ?? config.model, { baseDir: args.model === undefined ? dir : cwd }),
      input: flags.input === '-' ? '-' : resolve(cwd, flags.input),
      stdin: process.stdin,
      stdout: process.stdout,
      probabilities: flags.probabilities,
      json: this.jsonEnabled(),
      signal: this.interrupt,
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(flags.output === undefined ? {} : { output: resolve(cwd, flags.output) }),
    });
    if (flags.output === undefined) return undefined;
    reporter.note(`${summary.rows.toLocaleString('en-US')} rows predicted`);
    await this.print(`${summary.output}`);
    return summary;
  }
}
