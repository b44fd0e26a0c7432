import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import { formatDuration } from '../../base/units.js';
import type { NpmConfig } from './config.js';

/** One version of a package, with what its archive has to be. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Of the archive, as in a lock file: `sha512-...`. */
  readonly integrity: string;
}

export interface FetchOptions {
  readonly config: NpmConfig;
  readonly signal?: AbortSignal;
  /** Bytes of the archive that have come; starts again when a transfer is repeated. */
  readonly onBytes?: (bytes: number) => void;
  /** How long the registry may be silent before it is given up. */
  readonly silenceMs?: number;
}

/** `fetchPackage`, for those who are handed it. */
export type FetchPackage = (wanted: NpmPackage, into: string, options: FetchOptions) => Promise<void>;

const defaultSilenceMs = 30_000;

/**
 * The one door to package registries: takes one version of a package apart into a folder, and runs nothing of it. The
 * archive is checked against its integrity before anything is unpacked. When it throws, the folder is not complete and is
 * the caller's to remove.
 * @param into absolute path of a folder that is made, or emptied when it is there
 * @throws PrerequisiteError `REGISTRY_UNREACHABLE`, `REGISTRY_SILENT`; OperationError `PACKAGE_NOT_FOUND`,
 *   `PACKAGE_INTEGRITY`, `PACKAGE_NOT_FETCHED`; the signal's reason when it aborts
 */
export const fetchPackage: FetchPackage = async (wanted, into, options) => {
  const { signal, config, silenceMs = defaultSilenceMs } = options;
  signal?.throwIfAborted();
  const { default: pacote } = await import('pacote');
  const spec = `${wanted.name}@${wanted.version}`;
  const archive = `${into}.tgz`;
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(), silenceMs);
  const ends = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  const fetchOptions = {
    ...config,
    integrity: wanted.integrity,
    signal: ends,
    // Ours decides: pacote's own would take one of its shapes of errors.
    timeout: 2 * silenceMs,
    retry: { retries: 2, factor: 2, minTimeout: 500, maxTimeout: 4_000 },
  };
  try {
    const download = pacote.tarball.stream(
      spec,
      (stream) => {
        // An abort makes it fail once more when the pipeline has let go of it: nobody would hear that.
        stream.on('error', () => undefined);
        let bytes = 0;
        const count = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            watch.refresh();
            bytes += chunk.length;
            options.onBytes?.(bytes);
            done(null, chunk);
          },
        });
        return pipeline(Readable.from(stream, { objectMode: false }), count, createWriteStream(archive), {
          signal: ends,
        });
      },
      fetchOptions,
    );
    // Between two tries it waits without looking at the signal.
    await Promise.race([download, whenAborted(ends)]);
    clearTimeout(watch);
    await pacote.extract(`file:${archive}`, into, {});
  } catch (error) {
    signal?.throwIfAborted();
    throw silence.signal.aborted ? silent(spec, config, silenceMs) : failed(spec, config, error);
  } finally {
    clearTimeout(watch);
    await rm(archive, { force: true });
  }
};

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function silent(spec: string, config: NpmConfig, silenceMs: number): PrerequisiteError {
  return new PrerequisiteError(`The npm registry ${hostOf(config)} went silent while ${spec} was fetched`, {
    code: 'REGISTRY_SILENT',
    why: `Nothing came for ${formatDuration(silenceMs)}.`,
    actions: ['npm ping', 'Set npm_config_registry when another registry should be asked'],
  });
}

function failed(spec: string, config: NpmConfig, error: unknown): OperationError | PrerequisiteError {
  // The address of a registry may hold a password; what went wrong is in words, so the cause, which has it too, is left.
  const details = { why: describeError(error).replace(/\/\/[^/@\s]*@/g, '//') };
  const notFound = ['E404', 'ETARGET', 'ENOVERSIONS'].some((code) => hasCode(error, code));
  if (notFound) {
    return new OperationError(`The npm registry ${hostOf(config)} has no ${spec}`, {
      ...details,
      code: 'PACKAGE_NOT_FOUND',
      actions: ['Set npm_config_registry to a registry that has it'],
    });
  }
  if (hasCode(error, 'EINTEGRITY')) {
    return new OperationError(`What the npm registry ${hostOf(config)} gave is not ${spec}`, {
      ...details,
      code: 'PACKAGE_INTEGRITY',
      actions: ['Set npm_config_registry to a registry that can be trusted'],
    });
  }
  const local = ['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT'].some((code) => hasCode(error, code));
  if (local) return new OperationError(`${spec} cannot be written`, { ...details, code: 'PACKAGE_NOT_FETCHED' });
  return new PrerequisiteError(`${spec} cannot be fetched from the npm registry ${hostOf(config)}`, {
    ...details,
    code: 'REGISTRY_UNREACHABLE',
    actions: ['npm ping', 'Set npm_config_registry when another registry should be asked'],
  });
}

/** Without a path, a name or a password that the address may hold. */
function hostOf(config: NpmConfig): string {
  const { registry } = config;
  return typeof registry === 'string' && URL.canParse(registry) ? new URL(registry).host : 'registry.npmjs.org';
}
