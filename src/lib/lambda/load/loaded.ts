import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import type { WarehouseSettings } from '../../warehouse/settings.js';
import type { S3Object } from '../../warehouse/sources/list.js';
import { tableText } from '../../warehouse/sql/identifier.js';
import { type NoteKind, Notes } from './notes.js';

/** Which objects of a part of the results were loaded, by their key: with which ETag, and by which load. */
export type Loaded = ReadonlyMap<string, { readonly etag: string; readonly loadId: string }>;
/** Which objects were refused, by their key: with which ETag. */
export type Refused = ReadonlyMap<string, { readonly etag: string }>;

const format = 1;

const loadedSchema = z.object({
  format: z.literal(format),
  /** 64 hex digits each; objects name them by their place. */
  loads: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  objects: z.array(z.tuple([z.string(), z.string(), z.int().nonnegative()])),
});

/** For people too, who look here for what is missing in the table. */
const refusedSchema = z.object({
  format: z.literal(format),
  refused: z.array(
    z.object({ key: z.string(), etag: z.string(), code: z.string(), reason: z.string(), at: z.iso.datetime() }),
  ),
});

/**
 * What became of the results: two small objects for each part of them (a day), below a prefix of its own: what is being loaded
 * may be emptied every few days, and an old day's note is never written again. What was loaded only saves work: the
 * ledger of the warehouse is what counts, and an entry whose load the ledger does not have is none. What was refused is
 * said only here.
 */
export class LoadedStore {
  readonly #notes: Notes;

  private constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Of one table of one warehouse. */
  static async open(
    s3: S3Objects,
    { bucket, prefix, warehouse }: { bucket: string; prefix: string; warehouse: WarehouseSettings },
    signal: AbortSignal,
  ): Promise<LoadedStore> {
    return new LoadedStore(await Notes.open(s3, { bucket, prefix: `${prefix}${targetName(warehouse)}/` }, signal));
  }

  /** Throws OperationError `LOADED_UNREADABLE`. */
  async read(part: string): Promise<{ readonly loaded: Loaded; readonly refused: Refused }> {
    const [loaded, refused] = await Promise.all([
      this.#notes.read(loadedNote(part)),
      this.#notes.read(refusedNote(part)),
    ]);
    return {
      loaded: loadedOf(loaded?.content),
      refused: new Map(refused?.content.refused.map(({ key, etag }) => [key, { etag }])),
    };
  }

  /** Adds the objects of a load that was committed. */
  async add(part: string, objects: readonly S3Object[], loadId: string): Promise<void> {
    await this.#notes.update(loadedNote(part), (before) => {
      const loaded = loadedOf(before);
      for (const { key, etag } of objects) loaded.set(key, { etag, loadId });
      return render(loaded);
    });
  }

  /**
   * An object that is not to be tried again as it is. Gives `s3://bucket/key` of the note that says so.
   * @param at when it was refused
   */
  async refuse(
    part: string,
    { key, etag }: S3Object,
    { code, reason, at }: { readonly code: string; readonly reason: string; readonly at: Date },
  ): Promise<string> {
    const note = refusedNote(part);
    await this.#notes.update(note, (before) => {
      const others = (before?.refused ?? []).filter((other) => other.key !== key);
      return `${JSON.stringify({ format, refused: [...others, { key, etag, code, reason, at: at.toISOString() }] }, null, 2)}\n`;
    });
    return this.#notes.location(note.name);
  }
}

function loadedNote(part: string): NoteKind<z.infer<typeof loadedSchema>> {
  return {
    name: part === '' ? 'loose.json' : `${part}/loaded.json`,
    schema: loadedSchema,
    deleted: 'what it lists is loaded again, which changes nothing',
  };
}

function refusedNote(part: string): NoteKind<z.infer<typeof refusedSchema>> {
  return {
    name: part === '' ? 'loose-refused.json' : `${part}/refused.json`,
    schema: refusedSchema,
    deleted: 'what it lists is tried again',
  };
}

function loadedOf(content: z.infer<typeof loadedSchema> | undefined): Map<string, { etag: string; loadId: string }> {
  const { loads = [], objects = [] } = content ?? {};
  return new Map(objects.map(([key, etag, at]) => [key, { etag, loadId: loads[at] ?? '' }]));
}

function render(loaded: Loaded): string {
  const loads = [...new Set([...loaded.values()].map(({ loadId }) => loadId))];
  const places = new Map(loads.map((loadId, place) => [loadId, place]));
  const objects = [...loaded].map(([key, { etag, loadId }]) => [key, etag, places.get(loadId)]);
  return JSON.stringify({ format, loads, objects });
}

/** Another table, or another warehouse, has loaded nothing yet. */
function targetName({ engine, table, duckdb, redshift }: WarehouseSettings): string {
  const { workgroup, cluster, host, database } = redshift;
  const place = engine === 'duckdb' ? [duckdb.path] : [workgroup, cluster, host, database];
  const hash = createHash('sha256').update(JSON.stringify([...place, tableText(table)]));
  return `${engine}-${hash.digest('hex').slice(0, 16)}`;
}
