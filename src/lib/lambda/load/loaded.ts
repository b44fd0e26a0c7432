import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeError } from '../../base/errors/describe.js';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import type { WarehouseSettings } from '../../warehouse/settings.js';
import type { S3Object } from '../../warehouse/sources/list.js';
import { tableText } from '../../warehouse/sql/identifier.js';

/** Which objects of a part of the results were loaded, by their key: with which ETag, and by which load. */
export type Loaded = Map<string, { readonly etag: string; readonly loadId: string }>;

const format = 1;
const schema = z.object({
  format: z.literal(format),
  /** 64 hex digits each; objects name them by their place. */
  loads: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  objects: z.array(z.tuple([z.string(), z.string(), z.int().nonnegative()])),
});

/**
 * What was loaded, one small object for each part of the results (a day), below a prefix of its own: what
 * is being loaded may be emptied every few days, and an old day's note is never written again. It only saves work: the ledger of the warehouse is what counts, and an entry whose load the ledger does not have is none.
 */
export class LoadedStore {
  readonly #s3: S3Objects;
  readonly #bucket: string;
  readonly #prefix: string;
  /** Keys that are there. What is not there is never asked for: S3 would say 403 of it to whoever may not list all. */
  readonly #keys = new Set<string>();

  private constructor(s3: S3Objects, bucket: string, prefix: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** Of one table of one warehouse. */
  static async open(
    s3: S3Objects,
    { bucket, prefix, warehouse }: { bucket: string; prefix: string; warehouse: WarehouseSettings },
    signal: AbortSignal,
  ): Promise<LoadedStore> {
    const store = new LoadedStore(s3, bucket, `${prefix}${targetName(warehouse)}/`);
    for await (const { key } of s3.listObjects(bucket, store.#prefix, signal)) store.#keys.add(key);
    return store;
  }

  /** Throws OperationError `LOADED_UNREADABLE`: taking it for empty would load a day again, and hide that something is wrong. */
  async read(part: string): Promise<{ readonly loaded: Loaded; readonly etag: string | undefined }> {
    const key = this.#keyOf(part);
    const found = this.#keys.has(key) ? await this.#s3.readText(this.#bucket, key) : undefined;
    if (found === undefined) return { loaded: new Map(), etag: undefined };
    try {
      const { loads, objects } = schema.parse(JSON.parse(found.text));
      const entries = objects.map(([name, etag, at]) => [name, { etag, loadId: loads[at] ?? '' }] as const);
      return { loaded: new Map(entries), etag: found.etag };
    } catch (cause) {
      throw new OperationError(`s3://${this.#bucket}/${key} cannot be read`, {
        code: 'LOADED_UNREADABLE',
        why: describeError(cause),
        actions: ['Delete it: what it lists is loaded again, which changes nothing'],
        cause,
      });
    }
  }

  /** Adds the objects of a load that was committed. */
  async add(part: string, objects: readonly S3Object[], loadId: string): Promise<void> {
    const key = this.#keyOf(part);
    // Loads do not overlap; where one does, what it wrote is read and added to.
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const { loaded, etag } = await this.read(part);
      for (const object of objects) loaded.set(object.key, { etag: object.etag, loadId });
      const stored = await this.#s3.putObject(this.#bucket, key, render(loaded), {
        contentType: 'application/json',
        onlyOver: etag === undefined ? 'absent' : { etag },
      });
      this.#keys.add(key);
      if (stored) return;
    }
    throw new OperationError(`s3://${this.#bucket}/${key} could not be written`, {
      code: 'LOADED_CONTESTED',
      why: 'In 5 attempts another writer was faster each time.',
    });
  }

  #keyOf(part: string): string {
    return `${this.#prefix}${part === '' ? 'loose.json' : `${part}/loaded.json`}`;
  }
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
