import { fileURLToPath } from 'node:url';
import type { Reporter } from '../base/progress/reporter.js';
import { createEcr } from '../platform/aws/ecr.js';
import { createDocker } from '../platform/docker/docker.js';
import { cacheFolder } from '../platform/files/cache-folder.js';
import { gcloudAccessToken } from '../platform/gcp/registry.js';
import { revisionOf } from '../platform/git/revision.js';
import type { ProcessRunner } from '../platform/process/runner.js';
import type { PackagedFiles } from './context/serving-plan.js';
import type { ImageDeps } from './deps.js';

/** The root of this package, three folders up in src/ as in dist/. */
const packageRoot = new URL('../../../', import.meta.url);

export const packagedFiles: PackagedFiles = {
  bundles: fileURLToPath(new URL('dist/image', packageRoot)),
  dockerfiles: fileURLToPath(new URL('templates/docker', packageRoot)),
  licences: fileURLToPath(new URL('model', packageRoot)),
};

interface Given extends Pick<ImageDeps, 'env' | 'mlopsVersion' | 'signal'> {
  readonly runner: ProcessRunner;
  readonly reporter: Reporter;
  /** `process.arch` */
  readonly nodeArch: string;
}

/** The real daemon and clouds, beside what the command line brings. */
export function createImageDeps({ runner, nodeArch, ...given }: Given): ImageDeps {
  return {
    ...given,
    docker: createDocker({ runner, env: given.env }),
    ecr: createEcr,
    gcpToken: () => gcloudAccessToken(runner),
    revisionOf: (dir) => revisionOf(dir, runner),
    packaged: packagedFiles,
    speechModel: async (name) => {
      const { ensureSpeechModel } = await import('../model/pull.js');
      const { env, reporter, signal } = given;
      return await ensureSpeechModel(name, { cacheDir: cacheFolder(env), offline: false, reporter, signal });
    },
    architecture: nodeArch === 'arm64' ? 'arm64' : 'amd64',
    now: () => performance.now(),
  };
}
