import { describe, expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { chooseTarget, requireNamedProject } from '../../../src/lib/deploy/create-target.js';
import { checkExposure } from '../../../src/lib/deploy/exposure.js';
import { chooseImage } from '../../../src/lib/deploy/images.js';
import { parseQuantity } from '../../../src/lib/deploy/quantities.js';
import { drainWarning, resolveRelease } from '../../../src/lib/deploy/release.js';
import type { Docker, ImageDetails } from '../../../src/lib/platform/docker/types.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { errorOf } from '../../support/errors.js';

const unknown = {
  modelDigest: undefined,
  configDigest: undefined,
  port: undefined,
  auth: undefined,
  drainMs: undefined,
};
const image = { ...unknown, reference: 'demo:1', modelDigest: 'sha256:aa' };
const flags = { expose: undefined, publicUnauthenticated: false };
const config = (yaml: string) => parseProject(yaml);

describe('a release', () => {
  test('has the defaults of Kubernetes: three replicas, requests that equal limits, inside only', () => {
    expect(resolveRelease('eks', config('name: demo'), flags, image)).toEqual({
      name: 'demo',
      image: 'demo:1',
      modelDigest: 'sha256:aa',
      configDigest: undefined,
      port: 8080,
      expose: 'internal',
      replicas: { min: 3, max: 10 },
      resources: { cpu: '1', memory: '1Gi' },
      drainMs: 11_000,
    });
  });

  test('on Cloud Run scales to nothing unless told otherwise', () => {
    expect(resolveRelease('cloud-run', config(''), flags, image).replicas).toEqual({ min: 0, max: 10 });
    const kept = config('deploy: { replicas: { min: 1, max: 2 } }');
    expect(resolveRelease('cloud-run', kept, flags, image).replicas).toEqual({ min: 1, max: 2 });
  });

  test('takes the port that the image exposes before the configured one', () => {
    expect(resolveRelease('docker', config('serve: { port: 9000 }'), flags, image).port).toBe(9000);
    expect(resolveRelease('docker', config('serve: { port: 9000 }'), flags, { ...image, port: 8081 }).port).toBe(8081);
  });

  test.each(['docker', 'eks', 'gke', 'cloud-run'] as const)(
    'public without authentication is refused on %s',
    async (kind) => {
      const file = config('deploy: { expose: public }');
      const error = await errorOf(() => resolveRelease(kind, file, flags, image));
      expect(error).toMatchObject({ code: 'PUBLIC_UNAUTHENTICATED', exitCode: 2 });
      expect(resolveRelease(kind, file, { ...flags, publicUnauthenticated: true }, image).expose).toBe('public');
      expect(resolveRelease(kind, file, { ...flags, expose: 'internal' }, image).expose).toBe('internal');
    },
  );

  test('public with authentication needs no further word', () => {
    const ask = { expose: 'public', publicUnauthenticated: false } as const;
    expect(() => checkExposure({ ...ask, auth: 'api-key' })).not.toThrow();
    expect(() => checkExposure({ ...ask, auth: 'none' })).toThrow('refused');
  });

  test('is what the image does, not what mlops.yaml says by now', async () => {
    const built = { ...image, auth: 'none', drainMs: 31_000 };
    const file = config('serve: { drain: { delay: 0s, timeout: 1s } }');
    expect(resolveRelease('eks', file, flags, built).drainMs).toBe(31_000);
    const openNow = { ...file, serve: { ...file.serve, auth: { type: 'api-key' } } } as unknown as typeof file;
    const ask = () => resolveRelease('eks', openNow, { ...flags, expose: 'public' }, built);
    expect(await errorOf(ask)).toMatchObject({ code: 'PUBLIC_UNAUTHENTICATED' });
  });

  test('a drain that Cloud Run would cut off is said; the default one it would not', () => {
    expect(drainWarning('cloud-run', config(''))).toBeUndefined();
    const long = config('serve: { drain: { timeout: 20s } }');
    expect(drainWarning('cloud-run', long)).toContain('20 s, and Cloud Run waits 10 s');
    expect(drainWarning('eks', long)).toBeUndefined();
  });

  test('a Deployment does not scale to nothing', async () => {
    const file = config('deploy: { replicas: { min: 0, max: 2 } }');
    expect(await errorOf(() => resolveRelease('gke', file, flags, image))).toMatchObject({ code: 'REPLICAS_INVALID' });
  });
});

describe('the image', () => {
  const details: ImageDetails = {
    id: 'sha256:1111',
    tags: ['demo:latest'],
    repoDigests: ['registry.example/demo@sha256:2222'],
    created: '',
    os: 'linux',
    architecture: 'amd64',
    sizeBytes: 1,
    layers: [],
    labels: {
      'dev.mlops.model.digest': 'sha256:aa',
      'dev.mlops.config.digest': 'sha256:bb',
      'dev.mlops.serve.auth': 'none',
      'dev.mlops.serve.drain-ms': '11000',
    },
    config: { ExposedPorts: { '8081/tcp': {} } },
  };
  const docker = (found: ImageDetails | undefined, newest: readonly string[] = ['sha256:1111']): Docker =>
    ({
      inspectImage: async () => found,
      imagesLabelled: async () => newest,
      pull: async () => {},
    }) as unknown as Docker;
  const ask = (kind: 'docker' | 'eks', given: string | undefined, from: Docker) =>
    chooseImage({ kind, name: 'demo', given }, from);

  test('is the newest that was built, with what its labels say', async () => {
    const found = await ask('docker', undefined, docker(details));
    expect(found).toEqual({
      reference: 'demo:latest',
      modelDigest: 'sha256:aa',
      configDigest: 'sha256:bb',
      port: 8081,
      auth: 'none',
      drainMs: 11_000,
    });
  });

  test('says two ports, and which of them is that of the metrics', async () => {
    const portOf = async (Env: string[]) => {
      const config = { ExposedPorts: { '8081/tcp': {}, '9100/tcp': {} }, Env };
      return (await ask('docker', undefined, docker({ ...details, config }))).port;
    };
    expect(await portOf(['PATH=/bin', 'MLOPS_METRICS_PORT=9100'])).toBe(8081);
    expect(await portOf(['MLOPS_METRICS_PORT=8081'])).toBe(9100);
    expect(await portOf(['PATH=/bin'])).toBeUndefined();
  });

  test('is pulled by digest by everybody else', async () => {
    expect((await ask('eks', undefined, docker(details))).reference).toBe('registry.example/demo@sha256:2222');
    expect((await ask('eks', 'registry.example/demo:7', docker(details))).reference).toBe(
      'registry.example/demo@sha256:2222',
    );
    expect((await ask('eks', 'other.example:5000/demo:7', docker(details))).reference).toBe(
      'other.example:5000/demo:7',
    );
  });

  test('that is not here is no mistake for a cluster: its labels stay unknown', async () => {
    expect(await ask('eks', 'r/demo:7', docker(undefined))).toEqual({ ...unknown, reference: 'r/demo:7' });
  });

  test.each([
    ['docker', docker(undefined, []), 'NO_IMAGE'],
    ['eks', docker({ ...details, repoDigests: [] }), 'IMAGE_NOT_PUSHED'],
  ] as const)('for %s that is missing is said with the command that makes it', async (kind, from, code) => {
    const error = await errorOf(() => ask(kind, undefined, from));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.actions[0]).toMatch(/^mlops (build|push)$/);
  });
});

test.each([
  ['1', 1],
  ['500m', 0.5],
  ['1.5', 1.5],
  ['256Mi', 2 ** 28],
  ['1Gi', 2 ** 30],
  ['2G', 2e9],
])('the quantity %s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value);
});

test.each(['', 'Gi', '-1', '1 GiB'])('%j is no quantity', async (text) => {
  expect(await errorOf(() => parseQuantity(text))).toMatchObject({ code: 'INVALID_QUANTITY' });
});

test('a service that others share has a name of its own; on this machine it is said', async () => {
  const warned: string[] = [];
  const reporter = { ...silentReporter, warn: (text: string) => void warned.push(text) };
  const nameless = { file: undefined, dir: '/', config: config('') };
  for (const kind of ['eks', 'gke', 'cloud-run'] as const) {
    const error = await errorOf(() => requireNamedProject(kind, nameless, reporter));
    expect(error).toMatchObject({ code: 'PROJECT_MISSING', exitCode: 2 });
  }
  requireNamedProject('docker', nameless, reporter);
  expect(warned).toEqual([expect.stringContaining('no mlops.yaml')]);
  requireNamedProject('eks', { ...nameless, file: '/mlops.yaml' }, reporter);
});

test('the target comes from the command line, else from mlops.yaml, else it is asked for', async () => {
  expect(chooseTarget('gke', 'eks')).toBe('gke');
  expect(chooseTarget(undefined, 'eks')).toBe('eks');
  expect(await errorOf(() => chooseTarget(undefined, undefined))).toMatchObject({
    code: 'TARGET_MISSING',
    exitCode: 2,
  });
});
