import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { BuiltImage } from '../lib/image/build.js';
import type { ContextResult } from '../lib/image/eject.js';
import type { PushResult } from '../lib/image/push.js';

type Result = (BuiltImage & { readonly pushed: PushResult | null }) | ContextResult;

export default class Build extends MlopsCommand<Result> {
  static override summary = "Build the container image that serves the model, or that of the pipeline's functions";

  static override description =
    `The build context is assembled here (the bundled server, ONNX Runtime for one platform, the configuration without secrets, the model), so the Dockerfile needs no network. Nothing is built when a secret is in it.

The default tag is made of what is in the image: the same content, the same tag.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --push --create-repository',
    '<%= config.bin %> <%= command.id %> --platform linux/arm64 --dry-run',
    '<%= config.bin %> <%= command.id %> --eject image/',
    '<%= config.bin %> <%= command.id %> --lambda --push --platform linux/arm64',
  ];

  static override flags = {
    tag: Flags.string({ description: 'tag instead of the one made of the content', env: 'MLOPS_IMAGE_TAG' }),
    base: Flags.string({ description: 'base image (default node:24-bookworm-slim)', env: 'MLOPS_IMAGE_BASE' }),
    platform: Flags.string({
      description: "linux/amd64 or linux/arm64 (default: the daemon's)",
      env: 'MLOPS_IMAGE_PLATFORM',
    }),
    lambda: Flags.boolean({ description: 'the functions of the pipeline, for AWS Lambda, with the speech model' }),
    pull: Flags.boolean({ description: 'look for a newer base image' }),
    push: Flags.boolean({ description: 'push it, as `mlops push` does', exclusive: ['dry-run', 'eject'] }),
    registry: Flags.string({
      description: 'where to push: ecr, artifact-registry, docker.io/USER, HOST:PORT',
      env: 'MLOPS_IMAGE_REGISTRY',
    }),
    'create-repository': Flags.boolean({ description: 'make the ECR repository if it is not there' }),
    'dry-run': Flags.boolean({ description: 'show what would be in the image, with sizes' }),
    eject: Flags.string({ description: 'write Dockerfile and build context to this folder', exclusive: ['dry-run'] }),
  };

  async run(): Promise<Result> {
    const { interrupt } = this;
    const { flags } = await this.parse(Build);
    const { base, platform, tag, pull, registry } = flags;
    const { createImageDeps } = await import('../lib/image/create-deps.js');
    const { runner, reporter, env, cwd } = this.deps;
    const facts = { mlopsVersion: this.config.version, nodeArch: process.arch };
    const deps = createImageDeps({ runner, reporter, env, signal: interrupt, ...facts });
    const kind = flags.lambda ? ('lambda' as const) : undefined;
    const options = { project: await this.project(), kind, base, platform };
    const lines = await import('../lib/image/result-lines.js');
    if (flags['dry-run'] || flags.eject !== undefined) {
      const { describeContext, ejectContext } = await import('../lib/image/eject.js');
      const context =
        flags.eject === undefined
          ? await describeContext(options, deps)
          : await ejectContext(options, resolve(cwd, flags.eject), deps);
      await this.print(paintLines(lines.contextLines(context), process.stdout));
      return context;
    }
    const { buildImage, repositoryFor } = await import('../lib/image/build.js');
    const { pushImage } = await import('../lib/image/push.js');
    const built = await buildImage({ ...options, tag, pull }, deps);
    const to = {
      project: options.project,
      image: built.imageId,
      tag,
      registry,
      repository: kind && repositoryFor(options.project, kind),
    };
    const pushed = flags.push ? await pushImage({ ...to, createRepository: flags['create-repository'] }, deps) : null;
    await this.print(paintLines(lines.buildLines(built, pushed), process.stdout));
    return { ...built, pushed };
  }
}
