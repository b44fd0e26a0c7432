import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { ImportResult } from '../../lib/model/import/import-pickle.js';

export default class ModelImport extends MlopsCommand<ImportResult> {
  static override summary = 'Turn a pickled scikit-learn model into an ONNX file, without running the pickle';

  static override description =
    `Reads pickle.dump and joblib.dump files (plain, zlib or gzip) of LogisticRegression, scikit-learn 0.24 to 1.9.
The pickle is read as data: it can name any code to run, so names outside a short allow-list are refused.
A model card is written beside the ONNX file, under the same name with .json.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> model.pkl --output model.onnx',
    '<%= config.bin %> <%= command.id %> model.pkl --output model.onnx --name churn --card facts.json',
  ];

  static override args = {
    pickle: Args.string({ description: 'pickle or joblib file', required: true, ignoreStdin: true }),
  };

  static override flags = {
    output: Flags.string({ char: 'o', summary: 'ONNX file to write', required: true, helpValue: 'FILE.onnx' }),
    name: Flags.string({ summary: 'name to serve the model under; default: the name of the output file' }),
    card: Flags.string({
      summary: 'JSON file with more for the card: version, description, featureNames, training, limitations, ...',
      helpValue: 'FACTS.json',
    }),
    force: Flags.boolean({ summary: 'replace the ONNX file and its card when they exist' }),
  };

  async run(): Promise<ImportResult> {
    const { args, flags } = await this.parse(ModelImport);
    const { importPickle } = await import('../../lib/model/import/import-pickle.js');
    const { importText } = await import('../../lib/model/import/import-text.js');
    const { cwd, reporter } = this.deps;
    const result = await importPickle({
      pickle: resolve(cwd, args.pickle),
      output: resolve(cwd, flags.output),
      force: flags.force,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.card === undefined ? {} : { facts: resolve(cwd, flags.card) }),
    });
    for (const warning of result.warnings) reporter.warn(warning);
    await this.print(importText(result));
    return result;
  }
}
