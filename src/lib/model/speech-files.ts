import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '../base/errors/describe.js';
import type { RemoteFile, SpeechEntry } from './catalog.js';
import type { SpeechModel } from './speech-model.js';

type Role = keyof SpeechModel['files'];

const roles: readonly Role[] = ['encoder', 'decoder', 'vad'];

/** The folder of one version of a model in the cache. */
export function modelFolder(cacheDir: string, name: string, { version }: SpeechEntry): string {
  return join(cacheDir, 'models', `${name}-${version}`);
}

/** A file of a model under its name in that folder. */
export function cachedName(file: RemoteFile): string {
  return basename(file.path);
}

/** What is wrong with a model in a folder: `missing` when there is nothing, else a sentence; undefined when it is right. */
export async function faultOf(folder: string, entry: SpeechEntry): Promise<'missing' | (string & {}) | undefined> {
  for (const role of roles) {
    const file = fileOf(entry, role);
    const path = join(folder, cachedName(file));
    try {
      const { size } = await stat(path);
      if (size !== file.bytes) return `${path} has ${size} bytes instead of ${file.bytes}.`;
      const digest = await sha256(path);
      if (digest !== file.sha256) return `The SHA-256 of ${path} is ${digest} instead of ${file.sha256}.`;
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return 'missing';
      throw error;
    }
  }
  return undefined;
}

/** A model whose files have been checked. */
export function speechModelIn(folder: string, name: string, entry: SpeechEntry): SpeechModel {
  const path = (role: Role) => join(folder, cachedName(fileOf(entry, role)));
  return {
    name,
    version: entry.version,
    digest: digestOver(roles.map((role) => fileOf(entry, role).sha256)),
    language: entry.language,
    license: entry.license.name,
    files: { encoder: path('encoder'), decoder: path('decoder'), vad: path('vad') },
  };
}

/** The digest of a model whose files are these, read from them. */
export async function speechDigest(files: SpeechModel['files']): Promise<string> {
  return digestOver(await Promise.all(roles.map((role) => sha256(files[role]))));
}

function digestOver(digests: readonly string[]): string {
  return createHash('sha256').update(digests.join('\n')).digest('hex');
}

function fileOf(entry: SpeechEntry, role: Role): RemoteFile {
  const file = entry.packages.map(({ files }) => files[role]).find((each) => each !== undefined);
  if (file === undefined) throw new Error(`The catalog names no ${role}`);
  return file;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
