import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { containerPorts } from '../project/ports.js';
import { type BuildImageOptions, choosePlatform } from './build.js';
import type { WrittenLayer } from './context/write.js';
import type { ImageDeps } from './deps.js';
import { defaultBase, type PreparedContext, prepareContext } from './prepare.js';

type EjectOptions = Pick<BuildImageOptions, 'project' | 'kind' | 'base' | 'platform'>;

/** A build context, without an image of it. */
export interface ContextResult {
  /** Where it was written; null when it was only looked at. */
  readonly ejected: string | null;
  /** The command that builds it, for an ejected one. */
  readonly command: readonly string[] | null;
  readonly platform: string;
  readonly base: string;
  readonly layers: readonly WrittenLayer[];
  /** What comes on top of the base, uncompressed. */
  readonly addedBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/**
 * Writes Dockerfile and build context into `dir`: plain files that `docker build` takes, the user's from then on. No daemon
 * is needed. Throws UsageError `EJECT_NOT_EMPTY` and what `prepareContext` throws; then nothing stays behind.
 */
export async function ejectContext(options: EjectOptions, dir: string, deps: ImageDeps): Promise<ContextResult> {
  await refuseFilled(dir);
  await mkdir(dir, { recursive: true });
  try {
    const context = await contextIn(dir, options, deps);
    return { ...context.result, ejected: dir, command: commandFor(context.prepared, nameOf(options), dir) };
  } catch (error) {
    for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true });
    throw error;
  }
}

/** What a build would put into the image: the context is made, looked through, and thrown away. */
export async function describeContext(options: EjectOptions, deps: ImageDeps): Promise<ContextResult> {
  const dir = await mkdtemp(join(tmpdir(), 'mlops-image-'));
  try {
    return (await contextIn(dir, options, deps)).result;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function contextIn(dir: string, options: EjectOptions, deps: ImageDeps) {
  const platform = choosePlatform(options, await architecture(deps));
  const prepared = await prepareContext(
    { project: options.project, kind: options.kind, base: options.base, platform },
    dir,
    deps,
  );
  const { base, layers, bytes, plan } = prepared;
  const { labels, buildArgs } = plan;
  const result: ContextResult = {
    ejected: null,
    command: null,
    platform: platform.name,
    base,
    layers,
    addedBytes: bytes,
    labels,
    buildArgs,
  };
  return { prepared, result };
}

/** The daemon's, because that is where the image would be built; this machine's where there is none. */
async function architecture({ docker, architecture: here }: ImageDeps): Promise<string> {
  try {
    return (await docker.daemon()).architecture;
  } catch {
    return here;
  }
}

async function refuseFilled(dir: string): Promise<void> {
  let names: string[] = [];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) {
      throw new UsageError(`${dir} cannot be written to`, {
        code: 'EJECT_NOT_A_FOLDER',
        why: 'It is not a folder, or may not be read.',
        cause: error,
      });
    }
  }
  if (names.length === 0) return;
  throw new UsageError(`${dir} is not empty`, {
    code: 'EJECT_NOT_EMPTY',
    why: 'What is in it may be yours; nothing was written.',
    actions: ['Name a new folder, or empty this one'],
  });
}

function nameOf({ project, kind }: EjectOptions): string {
  return kind === 'lambda' ? `${project.config.name}-functions` : project.config.name;
}

/** Only what differs from the defaults that the Dockerfile names. */
function commandFor({ plan }: PreparedContext, name: string, dir: string): string[] {
  const defaults: Record<string, string> = {
    BASE: defaultBase,
    PORT: String(containerPorts.service),
    METRICS_PORT: String(containerPorts.metrics),
  };
  const args = Object.entries(plan.buildArgs).filter(([key, value]) => defaults[key] !== value);
  return ['docker', 'build', ...args.flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]), '--tag', name, dir];
}
