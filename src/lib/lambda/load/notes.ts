import type { z } from 'zod';
import { describeError } from '../../base/errors/describe.js';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';

/** What a note is: its name below the prefix, and what it holds. */
export interface NoteKind<Content> {
  readonly name: string;
  readonly schema: z.ZodType<Content>;
  /** For one that cannot be read: deleting it is what helps, and this is what that does. */
  readonly deleted: string;
}

/** Small objects of JSON below a prefix, each written over what was read and nothing else. */
export class Notes {
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

  static async open(
    s3: S3Objects,
    { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
    signal: AbortSignal,
  ): Promise<Notes> {
    const notes = new Notes(s3, bucket, prefix);
    for await (const { key } of s3.listObjects(bucket, prefix, signal)) notes.#keys.add(key);
    return notes;
  }

  /** `s3://bucket/key` of a note. */
  location(name: string): string {
    return `s3://${this.#bucket}/${this.#prefix}${name}`;
  }

  /** Throws OperationError `LOADED_UNREADABLE`: taking it for empty would hide that something is wrong. */
  async read<Content>(
    kind: NoteKind<Content>,
  ): Promise<{ readonly content: Content; readonly etag: string } | undefined> {
    const key = this.#prefix + kind.name;
    const found = this.#keys.has(key) ? await this.#s3.readText(this.#bucket, key) : undefined;
    if (found === undefined) return undefined;
    try {
      return { content: kind.schema.parse(JSON.parse(found.text)), etag: found.etag };
    } catch (cause) {
      throw new OperationError(`${this.location(kind.name)} cannot be read`, {
        code: 'LOADED_UNREADABLE',
        why: describeError(cause),
        actions: [`Delete it: ${kind.deleted}`],
        cause,
      });
    }
  }

  /** @param change what the note is to hold as JSON, given what it holds; asked again when another writer was faster */
  async update<Content>(kind: NoteKind<Content>, change: (before: Content | undefined) => string): Promise<void> {
    const key = this.#prefix + kind.name;
    // Loads do not overlap; where one does, what it wrote is read and added to.
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const before = await this.read(kind);
      const stored = await this.#s3.putObject(this.#bucket, key, change(before?.content), {
        contentType: 'application/json',
        onlyOver: before === undefined ? 'absent' : { etag: before.etag },
      });
      this.#keys.add(key);
      if (stored) return;
    }
    throw new OperationError(`${this.location(kind.name)} could not be written`, {
      code: 'LOADED_CONTESTED',
      why: 'In 5 attempts another writer was faster each time.',
    });
  }
}
