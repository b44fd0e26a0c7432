import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError, hasCode } from '../base/errors/describe.js';
import { InterruptedError, OperationError, PrerequisiteError, UsageError } from '../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../base/progress/reporter.js';
import { formatSize } from '../base/units.js';
import type { NpmConfig } from '../platform/npm/config.js';
import type { FetchPackage } from '../platform/npm/fetch-package.js';
import { catalog, catalogNames, type SpeechEntry, sizeOf, speechEntryOf } from './catalog.js';
import { cachedName, faultOf, modelFolder, speechModelIn } from './speech-files.js';
import type { SpeechModel } from './speech-model.js';

export interface EnsureOptions {
  /** Absolute; made when it is not there. */
  readonly cacheDir: string;
  /** Refuse instead of fetching. */
  readonly offline: boolean;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
  /** The user's npm settings when not given. */
  readonly npm?: NpmConfig;
  /** The registry, for those who bring their own. */
  readonly fetchPackage?: FetchPackage;
}

/** Folders that a killed process left are removed when they are this old. */
const abandonedMs = 24 * 3_600_000;

/**
 * A speech model of the catalog, every file checked against its SHA-256: from the cache, else fetched into it. Several
 * processes may ask for the same model at once; a reader never sees a part of it.
 * @throws UsageError `MODEL_NOT_FOUND`, `MODEL_NOT_SPEECH`; PrerequisiteError `MODEL_NOT_CACHED` when offline; OperationError
 *   `MODEL_CHECKSUM`, `CACHE_NOT_WRITABLE`; InterruptedError; what `fetchPackage` throws
 */
export async function ensureSpeechModel(name: string, options: EnsureOptions): Promise<SpeechModel> {
  return ensureFiles(name, requireSpeech(name), options);
}

/** As `ensureSpeechModel`, for an entry that need not be in the catalog. */
export async function ensureFiles(name: string, entry: SpeechEntry, options: EnsureOptions): Promise<SpeechModel> {
  const folder = modelFolder(options.cacheDir, name, entry);
  const fault = await faultOf(folder, entry);
  if (fault === undefined) return speechModelIn(folder, name, entry);
  if (options.offline) throw notCached(name, folder, fault);
  if (fault !== 'missing') {
    options.reporter.warn(`The cached model ${name} is damaged and is fetched again: ${fault}`);
  }
  const staged = join(dirname(folder), `.${name}-${randomUUID().slice(0, 8)}`);
  try {
    await removeAbandoned(dirname(folder));
    await mkdir(staged, { recursive: true });
    const size = formatSize(sizeOf(entry));
    await inStep(
      options.reporter,
      `Fetching the model ${name} (${size}, ${entry.license.name})`,
      (step) => fetchAll(name, entry, staged, options, (text) => step.update(text)),
      () => `Model ${name} is in ${folder}`,
    );
    await putInPlace(staged, folder, entry);
  } catch (error) {
    if (options.signal?.aborted) {
      throw new InterruptedError(`Interrupted while the model ${name} was fetched`, { why: 'The cache is as it was.' });
    }
    throw cacheError(error, options.cacheDir);
  } finally {
    // What cannot be removed now is removed as abandoned: it must not hide why the rest failed.
    await rm(staged, { recursive: true, force: true }).catch(() => undefined);
  }
  return speechModelIn(folder, name, entry);
}

function requireSpeech(name: string): SpeechEntry {
  const entry = speechEntryOf(name);
  if (entry !== undefined) return entry;
  const speech = [...catalog()].flatMap(([each, { kind }]) => (kind === 'speech' ? [each] : []));
  const isOther = catalogNames().includes(name);
  throw new UsageError(
    isOther ? `${name} comes with mlops and is no speech model` : `There is no speech model ${name}`,
    {
      code: isOther ? 'MODEL_NOT_SPEECH' : 'MODEL_NOT_FOUND',
      why: `Speech models of the catalog: ${speech.join(', ')}.`,
      actions: ['mlops model list'],
    },
  );
}

async function fetchAll(
  name: string,
  entry: SpeechEntry,
  staged: string,
  options: EnsureOptions,
  update: (text: string) => void,
): Promise<void> {
  const fetchPackage = options.fetchPackage ?? (await import('../platform/npm/fetch-package.js')).fetchPackage;
  const config = options.npm ?? (await (await import('../platform/npm/config.js')).userNpmConfig());
  const total = entry.packages.reduce((sum, each) => sum + each.bytes, 0);
  let before = 0;
  for (const [index, wanted] of entry.packages.entries()) {
    const unpacked = join(staged, `.package-${index}`);
    await fetchPackage(wanted, unpacked, {
      config,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onBytes: (bytes) => update(`${formatSize(before + bytes)} of ${formatSize(total)}`),
    });
    before += wanted.bytes;
    for (const file of Object.values(wanted.files)) {
      await rename(join(unpacked, file.path), join(staged, cachedName(file)));
    }
    await rm(unpacked, { recursive: true, force: true });
  }
  const fault = await faultOf(staged, entry);
  if (fault === undefined) return;
  throw new OperationError(`What was fetched is not the model ${name}, and was deleted`, {
    code: 'MODEL_CHECKSUM',
    why: fault.replaceAll(`${staged}/`, ''),
    actions: ['Set npm_config_registry to a registry that can be trusted', `mlops model pull ${name}`],
  });
}

/** Moves the folder to its name. Another process may have put the same there meanwhile: then that one stays. */
async function putInPlace(staged: string, folder: string, entry: SpeechEntry): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await rename(staged, folder);
    } catch (error) {
      const isThere = ['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR'].some((code) => hasCode(error, code));
      if (!isThere || tries === 3) throw error;
    }
    if ((await faultOf(folder, entry)) === undefined) return;
    // Renamed before it is removed, so that nobody finds a half.
    const damaged = `${staged}-damaged`;
    await rename(folder, damaged).catch(() => undefined);
    await rm(damaged, { recursive: true, force: true });
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const path of names.filter((each) => each.startsWith('.')).map((each) => join(folder, each))) {
    const changedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changedMs > abandonedMs) await rm(path, { recursive: true, force: true });
  }
}

function notCached(name: string, folder: string, fault: string): PrerequisiteError {
  return new PrerequisiteError(`The model ${name} is not in the cache, and --offline forbids to fetch it`, {
    code: 'MODEL_NOT_CACHED',
    why: fault === 'missing' ? `It would be in ${folder}.` : fault,
    actions: [`mlops model pull ${name}`],
  });
}

/** Errors of the file system in words; what has words already stays. */
function cacheError(error: unknown, cacheDir: string): unknown {
  const refused = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR'].some((code) => hasCode(error, code));
  if (!refused) return error;
  return new OperationError(`The cache ${cacheDir} cannot be written`, {
    code: 'CACHE_NOT_WRITABLE',
    why: describeError(error),
    actions: ['Set MLOPS_CACHE to a folder that can be written'],
    cause: error,
  });
}
