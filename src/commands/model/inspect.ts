import * as Args from '@oclif/core/args';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { Inspection } from '../../lib/model/inspection.js';

export default class ModelInspect extends MlopsCommand<Inspection> {
  static override summary = 'Show what a model takes and gives, and where it comes from';

  static override description =
    "Reads the ONNX file and its card without running the model. Without an argument: the project's model, else the bundled one.";

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> model.onnx --json',
  ];

  static override args = {
    model: Args.string({ description: 'path of an ONNX file, or a name of the catalog', ignoreStdin: true }),
  };

  async run(): Promise<Inspection> {
    const { args } = await this.parse(ModelInspect);
    const { inspectModel } = await import('../../lib/model/open.js');
    const { inspectionOf, inspectionText } = await import('../../lib/model/inspection.js');
    const { config, dir } = await this.project();
    const details =
      args.model === undefined
        ? await inspectModel(config.model, { baseDir: dir })
        : await inspectModel(args.model, { baseDir: this.deps.cwd });
    const inspection = inspectionOf(details);
    await this.print(inspectionText(inspection));
    return inspection;
  }
}
