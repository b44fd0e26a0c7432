import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const bundledModelName = 'flight-delay';
/** What transcribes unless mlops.yaml says otherwise. */
export const defaultSpeechModel = 'moonshine-tiny';

/** Two levels above `lib/`, in src/ as in dist/. */
const folder = new URL('../../../model/', import.meta.url);

const license = z.strictObject({ name: z.string(), source: z.string() });
const common = { version: z.string(), description: z.string(), license };
const remoteFile = z.strictObject({
  path: z.string(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const remotePackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  integrity: z.string().startsWith('sha512-'),
  bytes: z.int().positive(),
  files: z.partialRecord(z.enum(['encoder', 'decoder', 'vad']), remoteFile),
});
const tabularEntry = z.strictObject({ kind: z.literal('tabular'), ...common, file: z.string() });
const speechEntry = z.strictObject({
  kind: z.literal('speech'),
  ...common,
  language: z.string(),
  packages: z.array(remotePackage).min(1),
});
const catalogFile = z.strictObject({
  models: z.record(z.string(), z.discriminatedUnion('kind', [tabularEntry, speechEntry])),
});

/** A file of a model inside an npm package. */
export type RemoteFile = z.infer<typeof remoteFile>;
/** A model that is fetched from npm packages when it is first wanted. */
export type SpeechEntry = z.infer<typeof speechEntry>;
export type CatalogEntry = z.infer<typeof tabularEntry> | SpeechEntry;

let read: ReadonlyMap<string, CatalogEntry> | undefined;

/** The models that have names, from model/catalog.json. */
export function catalog(): ReadonlyMap<string, CatalogEntry> {
  read ??= new Map(
    Object.entries(catalogFile.parse(JSON.parse(readFileSync(new URL('catalog.json', folder), 'utf8'))).models),
  );
  return read;
}

/** The entry of a speech model, undefined for any other name. */
export function speechEntryOf(name: string): SpeechEntry | undefined {
  const entry = entryOf(name);
  return entry?.kind === 'speech' ? entry : undefined;
}

/** Absolute path of a model that comes with mlops, undefined for any other name. */
export function catalogPath(name: string): string | undefined {
  const entry = entryOf(name);
  return entry?.kind === 'tabular' ? fileURLToPath(new URL(entry.file, folder)) : undefined;
}

/** Bytes of a model's files, wherever they are. */
export function sizeOf(entry: CatalogEntry): number {
  if (entry.kind === 'tabular') return statSync(new URL(entry.file, folder)).size;
  const files = entry.packages.flatMap((each) => Object.values(each.files));
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

export function catalogNames(): string[] {
  return [...catalog().keys()];
}

/** A server in an image is given paths, and has no catalog beside it. */
function entryOf(name: string): CatalogEntry | undefined {
  return /^[a-z0-9][a-z0-9-]*$/.test(name) ? catalog().get(name) : undefined;
}
