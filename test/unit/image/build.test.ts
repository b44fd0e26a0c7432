import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PrerequisiteError } from '../../../src/lib/base/errors/mlops-error.js';
import { buildImage } from '../../../src/lib/image/build.js';
import { describeContext, ejectContext } from '../../../src/lib/image/eject.js';
import { layerSizes } from '../../../src/lib/image/layer-sizes.js';
import { buildLines, contextLines } from '../../../src/lib/image/result-lines.js';
import type { BuildOptions, Docker } from '../../../src/lib/platform/docker/types.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { fakeDocker, imageDeps, imageDetails } from '../../support/docker/fake-docker.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const daemon = async () => ({
  clientVersion: '28',
  serverVersion: '28',
  architecture: 'amd64',
  builder: 'legacy' as const,
  note: 'one line of note',
});

function projectOf(yaml: string, dir = '/nowhere') {
  return { file: join(dir, 'mlops.yaml'), dir, config: parseProject(yaml) };
}

const options = { base: undefined, platform: undefined, tag: undefined, pull: false };
const project = projectOf('name: flights');

function building(given: Partial<Docker> = {}) {
  const built: BuildOptions[] = [];
  const files: string[][] = [];
  const dockerfiles: string[] = [];
  const tags: string[] = [];
  const docker = fakeDocker({
    daemon,
    build: async (build) => {
      built.push(build);
      files.push((await readdir(build.contextDir)).sort());
      dockerfiles.push(await readFile(join(build.contextDir, 'Dockerfile'), 'utf8'));
      return 'sha256:built';
    },
    inspectImage: async () => imageDetails(),
    history: async () => [],
    tag: async (_source, target) => void tags.push(target),
    ...given,
  });
  return { docker, built, files, dockerfiles, tags };
}

describe('a build', () => {
  test('hands the daemon a context of five files, tags what comes out, and leaves nothing behind', async () => {
    const { docker, built, files, dockerfiles, tags } = building();
    const deps = imageDeps({ docker });
    const result = await buildImage({ ...options, project }, deps);
    expect(files).toEqual([['Dockerfile', 'configuration.tar', 'model.tar', 'runtime.tar', 'server.tar']]);
    expect(built[0]).toMatchObject({
      platform: 'linux/amd64',
      buildArgs: { BASE: 'node:24-bookworm-slim', PORT: '8080' },
      pull: false,
    });
    expect(dockerfiles[0]).toContain('"dev.mlops.project"="flights"');
    expect(dockerfiles[0]).toContain(`"dev.mlops.model.digest"="${result.labels['dev.mlops.model.digest']}"`);
    expect(existsSync(built[0]?.contextDir ?? '')).toBe(false);
    expect(tags).toEqual([result.image]);
    expect(result.image).toMatch(/^flights:1-[0-9a-f]{12}$/);
    expect(deps.said).toEqual(['one line of note']);
    const text = buildLines(result, null).map((line) => line.text);
    expect(text[0]).toBe(`Built ${result.image}`);
    expect(text.join('\n')).toMatch(/runtime +44\.\d MiB\n +server/);
  });

  test('flags come before mlops.yaml', async () => {
    const yaml = 'name: flights\nimage: { base: "mine:1", platform: linux/arm64, repository: team/flights }';
    const { docker, built, tags } = building({ inspectImage: async () => imageDetails({ architecture: 'arm64' }) });
    await buildImage({ ...options, project: projectOf(yaml), tag: 'v1' }, imageDeps({ docker }));
    expect(built[0]).toMatchObject({ platform: 'linux/arm64', buildArgs: { BASE: 'mine:1' } });
    expect(tags).toEqual(['team/flights:v1']);
    const other = building();
    await buildImage(
      { ...options, project: projectOf(yaml), base: 'other:2', platform: 'linux/amd64', pull: true },
      imageDeps({ docker: other.docker }),
    );
    expect(other.built[0]).toMatchObject({ platform: 'linux/amd64', buildArgs: { BASE: 'other:2' }, pull: true });
  });

  test('on a base of another platform is no success', async () => {
    const { docker, tags } = building({ inspectImage: async () => imageDetails({ architecture: 'arm64' }) });
    const error = await errorOf(() => buildImage({ ...options, project }, imageDeps({ docker })));
    expect(error).toMatchObject({ code: 'PLATFORM_MISMATCH', exitCode: 1 });
    expect(tags).toEqual([]);
  });

  test.each([
    [{ platform: 'linux/s390x' }, 'PLATFORM_UNSUPPORTED'],
    [{ base: 'node:24-alpine' }, 'BASE_UNSUPPORTED'],
    [{ tag: 'a b' }, 'TAG_INVALID'],
    [{ project: projectOf('image: { repository: Flights }') }, 'REPOSITORY_INVALID'],
  ])('%o is wrong usage: %s', async (given, code) => {
    const { docker, built } = building();
    const error = await errorOf(() => buildImage({ ...options, project, ...given }, imageDeps({ docker })));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(built).toEqual([]);
  });
});

describe('without a build', () => {
  const noDaemon = fakeDocker({
    daemon: async () => {
      throw new PrerequisiteError('no daemon', { code: 'DOCKER_UNREACHABLE' });
    },
  });

  test('--dry-run says what would be in it, with sizes, where there is no daemon too', async () => {
    const context = await describeContext(
      { ...options, project },
      imageDeps({ docker: noDaemon, architecture: 'arm64' }),
    );
    expect(context).toMatchObject({ ejected: null, command: null, platform: 'linux/arm64' });
    expect(context.addedBytes).toBe(context.layers.reduce((sum, { bytes }) => sum + bytes, 0));
    const text = contextLines(context)
      .map((line) => line.text)
      .join('\n');
    expect(text).toMatch(/\/app\/model\/flight-delay\.onnx +1\.8 KiB/);
  });

  test('--eject writes plain files and says which command builds them', async () => {
    const dir = join(await tempDir(), 'new', 'folder');
    const ejecting = { ...options, base: 'mine:1', project };
    const context = await ejectContext(ejecting, dir, imageDeps({ docker: noDaemon }));
    expect((await readdir(dir)).sort()).toEqual([
      'Dockerfile',
      'configuration.tar',
      'model.tar',
      'runtime.tar',
      'server.tar',
    ]);
    expect(context.command).toEqual(['docker', 'build', '--build-arg', 'BASE=mine:1', '--tag', 'flights', dir]);
    const dockerfile = await readFile(join(dir, 'Dockerfile'), 'utf8');
    for (const [name, value] of Object.entries(context.labels)) expect(dockerfile).toContain(`"${name}"="${value}"`);
  });

  test('the command can be pasted into a shell, whatever the folder is called', async () => {
    const { execFileSync } = await import('node:child_process');
    const dir = join(await tempDir(), "it's my $HOME");
    const context = await ejectContext({ ...options, project }, dir, imageDeps({ docker: noDaemon }));
    const printed = contextLines(context).at(-1)?.text.replace('Build it: docker', '') ?? '';
    expect(printed).not.toBe('');
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${printed}`], { encoding: 'utf8' });
    expect(words.trimEnd().split('\n')).toEqual(context.command?.slice(1));
  });

  test('--eject overwrites nothing', async () => {
    const dir = await tempDir();
    await writeFile(join(dir, 'mine.txt'), 'x');
    const deps = imageDeps({ docker: noDaemon });
    expect(await errorOf(() => ejectContext({ ...options, project }, dir, deps))).toMatchObject({
      code: 'EJECT_NOT_EMPTY',
    });
    const file = join(dir, 'mine.txt');
    expect(await errorOf(() => ejectContext({ ...options, project }, file, deps))).toMatchObject({
      code: 'EJECT_NOT_A_FOLDER',
    });
  });
});

describe('a secret', () => {
  async function projectWithSecret(yaml = '') {
    const dir = await tempDir();
    const secret = ['AKIA', 'QWERTYUIOPASDFG2'].join('');
    const { catalogPath } = await import('../../../src/lib/model/catalog.js');
    const bundled = catalogPath('flight-delay') as string;
    await mkdir(join(dir, 'models'));
    await writeFile(join(dir, 'models', 'm.onnx'), await readFile(bundled));
    const card = JSON.parse(await readFile(bundled.replace('.onnx', '.json'), 'utf8')) as object;
    await writeFile(join(dir, 'models', 'm.json'), JSON.stringify({ ...card, note: secret }, null, 1));
    return { dir, project: projectOf(`model: models/m.onnx\n${yaml}`, dir) };
  }

  test('stops build and eject before anything is written or built, named as the user would type it', async () => {
    const { dir, project: withSecret } = await projectWithSecret();
    const { docker, built } = building();
    const error = await errorOf(() => buildImage({ ...options, project: withSecret }, imageDeps({ docker })));
    expect(error).toMatchObject({ code: 'SECRETS_FOUND', exitCode: 2 });
    expect(error.why).toMatch(/^models\/m\.json:\d+: AWS access key$/);
    expect(built).toEqual([]);
    const target = join(dir, 'ejected');
    await errorOf(() => ejectContext({ ...options, project: withSecret }, target, imageDeps({ docker })));
    expect(await readdir(target)).toEqual([]);
  });

  test('that is none can be named in mlops.yaml', async () => {
    const { project: looked } = await projectWithSecret('image: { notSecret: [models/m.json] }');
    const { docker, built } = building();
    await buildImage({ ...options, project: looked }, imageDeps({ docker }));
    expect(built).toHaveLength(1);
  });
});

describe('sizes by layer', () => {
  const ours = ['runtime', 'server', 'configuration', 'model'].map((name, index) => ({ name, bytes: index }));
  const expected = [
    { name: 'base', bytes: 200 },
    { name: 'runtime', bytes: 40 },
    { name: 'server', bytes: 30 },
    { name: 'configuration', bytes: 20 },
    { name: 'model', bytes: 10 },
  ];
  const entry = (createdBy: string, sizeBytes = 0) => ({ createdBy, sizeBytes });

  test('from the history of BuildKit, whatever the base was built with', () => {
    const history = [
      entry('CMD ["node" "/app/server.mjs"]'),
      entry('ADD model.tar / # buildkit', 10),
      entry('ADD configuration.tar / # buildkit', 20),
      entry('ADD server.tar / # buildkit', 30),
      entry('ADD runtime.tar / # buildkit', 40),
      entry('ADD rootfs.tar.xz / # buildkit', 200),
    ];
    expect(layerSizes({ sizeBytes: 300 }, history, ours)).toEqual(expected);
  });

  test('from that of the legacy builder', () => {
    const history = [
      entry('/bin/sh -c #(nop)  LABEL a=b'),
      ...[10, 20, 30, 40].map((size) => entry('/bin/sh -c #(nop) ADD file:7f0fca0e7ddf in / ', size)),
      entry('', 200),
    ];
    expect(layerSizes({ sizeBytes: 300 }, history, ours)).toEqual(expected);
  });

  test('from the files where there is no history', () => {
    expect(layerSizes({ sizeBytes: 100 }, [], ours).map(({ bytes }) => bytes)).toEqual([94, 0, 1, 2, 3]);
  });
});
