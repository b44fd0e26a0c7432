import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { ModelList } from '../../lib/model/list.js';

export default class ModelListCommand extends MlopsCommand<ModelList> {
  static override summary = 'Show the models that have names, and which of them are on this machine';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<ModelList> {
    await this.parse(ModelListCommand);
    const { cacheFolder } = await import('../../lib/platform/files/cache-folder.js');
    const { listedText, listModels } = await import('../../lib/model/list.js');
    const list = await listModels(cacheFolder(this.deps.env));
    await this.print(listedText(list));
    return list;
  }
}
