import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import type { ImageDeps } from '../../../src/lib/image/deps.js';
import type { Docker, ImageDetails } from '../../../src/lib/platform/docker/types.js';

/** A daemon of which a test says what it expects; anything else says that it was not expected. */
export function fakeDocker(given: Partial<Docker> = {}): Docker {
  return new Proxy(given, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (found !== undefined) return found;
      throw new Error(`A test reached a door of Docker that it did not expect: ${String(name)}`);
    },
  }) as Docker;
}

export function imageDetails(given: Partial<ImageDetails> = {}): ImageDetails {
  return {
    id: `sha256:${'1a'.repeat(32)}`,
    tags: [],
    repoDigests: [],
    created: '2026-11-21T20:44:00Z',
    os: 'linux',
    architecture: 'amd64',
    sizeBytes: 250_000_000,
    layers: ['sha256:base', 'sha256:runtime', 'sha256:server', 'sha256:configuration', 'sha256:model'],
    labels: { 'dev.mlops.model.version': '3' },
    config: { Cmd: ['node', '/app/server.mjs'] },
    ...given,
  };
}

/** What building and pushing need, reaching nothing that a test does not hand in. */
export function imageDeps(given: Partial<ImageDeps> = {}): ImageDeps & { readonly said: string[] } {
  const said: string[] = [];
  const refused = (what: string) => () => Promise.reject(new Error(`A test reached ${what}`));
  return {
    said,
    docker: fakeDocker(),
    reporter: { ...silentReporter, note: (text) => void said.push(text), warn: (text) => void said.push(text) },
    env: {},
    ecr: () => ({ login: refused('ECR'), createRepository: refused('ECR') }),
    gcpToken: refused('gcloud'),
    revisionOf: async () => undefined,
    packaged: packagedFiles,
    speechModel: refused('a registry of models'),
    mlopsVersion: '1.2.3',
    architecture: 'amd64',
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...given,
  };
}
