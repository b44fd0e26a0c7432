import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { PushResult } from '../lib/image/push.js';

export default class Push extends MlopsCommand<PushResult> {
  static override summary = 'Push an image to a registry';

  static override description =
    `Without IMAGE: the newest that \`mlops build\` made for this project. ECR is logged in to with the AWS credentials, Artifact Registry with gcloud's, any other registry with what \`docker login\` knows. Your docker configuration is not changed.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --registry ecr --create-repository',
    '<%= config.bin %> <%= command.id %> flight-delay:1-0a1b2c3d4e5f --registry docker.io/me --tag latest',
  ];

  static override args = {
    image: Args.string({ description: 'an image of the Docker daemon' }),
  };

  static override flags = {
    tag: Flags.string({ description: 'tag instead of the one that the image has here', env: 'MLOPS_IMAGE_TAG' }),
    registry: Flags.string({
      description: 'ecr, artifact-registry, docker.io/USER, HOST:PORT',
      env: 'MLOPS_IMAGE_REGISTRY',
    }),
    repository: Flags.string({ description: 'name in the registry', env: 'MLOPS_IMAGE_REPOSITORY' }),
    'create-repository': Flags.boolean({ description: 'make the ECR repository if it is not there' }),
  };

  async run(): Promise<PushResult> {
    const { interrupt } = this;
    const { args, flags } = await this.parse(Push);
    const { createImageDeps } = await import('../lib/image/create-deps.js');
    const { pushImage } = await import('../lib/image/push.js');
    const { pushLines } = await import('../lib/image/result-lines.js');
    const { runner, reporter, env } = this.deps;
    const facts = { mlopsVersion: this.config.version, nodeArch: process.arch };
    const deps = createImageDeps({ runner, reporter, env, signal: interrupt, ...facts });
    const { tag, registry, repository } = flags;
    const createRepository = flags['create-repository'];
    const pushed = await pushImage(
      { project: await this.project(), image: args.image, tag, registry, repository, createRepository },
      deps,
    );
    await this.print(paintLines(pushLines(pushed), process.stdout));
    return pushed;
  }
}
