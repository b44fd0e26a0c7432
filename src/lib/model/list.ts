import { formatSize } from '../base/units.js';
import { type CatalogEntry, catalog, catalogPath, sizeOf } from './catalog.js';
import { faultOf, modelFolder } from './speech-files.js';

/** One model of the catalog, as `mlops model list --json` tells of it. */
export interface ListedModel {
  readonly name: string;
  readonly kind: CatalogEntry['kind'];
  readonly version: string;
  readonly description: string;
  readonly sizeBytes: number;
  readonly license: { readonly name: string; readonly source: string };
  /** The file of a model that comes with mlops, the folder of one that was fetched; null when it is not on this machine. */
  readonly path: string | null;
}

export interface ModelList {
  readonly models: readonly ListedModel[];
  readonly cacheDir: string;
}

/** The catalog, and what of it is on this machine: every file is checked. Reaches no network. */
export async function listModels(cacheDir: string): Promise<ModelList> {
  const models = [...catalog()].map(async ([name, entry]): Promise<ListedModel> => {
    const { kind, version, description, license } = entry;
    return {
      name,
      kind,
      version,
      description,
      sizeBytes: sizeOf(entry),
      license,
      path: await pathOf(name, entry, cacheDir),
    };
  });
  return { models: await Promise.all(models), cacheDir };
}

async function pathOf(name: string, entry: CatalogEntry, cacheDir: string): Promise<string | null> {
  if (entry.kind === 'tabular') return catalogPath(name) ?? null;
  const folder = modelFolder(cacheDir, name, entry);
  return (await faultOf(folder, entry)) === undefined ? folder : null;
}

/** What `mlops model list` prints. */
export function listedText({ models, cacheDir }: ModelList): string {
  const rows = models.map(({ name, kind, sizeBytes, license, path }) => [
    name,
    kind,
    formatSize(sizeBytes),
    license.name,
    path ?? 'not fetched',
  ]);
  const all = [['NAME', 'KIND', 'SIZE', 'LICENCE', 'WHERE'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [...lines, '', `Cache: ${cacheDir}`].join('\n');
}
