import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ObjectHead, PutOptions, S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';

type Stored = ObjectHead & { readonly body: string };

/** A bucket service in memory, with conditions as S3 has them. Keys as `bucket/key`. */
export class FakeS3 implements S3Objects {
  readonly objects = new Map<string, Stored>();
  readonly opened: { readonly key: string; readonly start: number }[] = [];
  /** Cuts a connection after so many bytes, as often as there are numbers. */
  readonly breaks: number[] = [];

  put(bucket: string, key: string, body: string, metadata: Readonly<Record<string, string>> = {}): void {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const modifiedAt = new Date('2026-01-02T03:04:05Z');
    this.objects.set(`${bucket}/${key}`, {
      key,
      body,
      bytes: Buffer.byteLength(body),
      etag,
      version: undefined,
      modifiedAt,
      metadata,
    });
  }

  text(bucket: string, key: string): string | undefined {
    return this.objects.get(`${bucket}/${key}`)?.body;
  }

  async *listObjects(bucket: string, prefix: string) {
    const start = `${bucket}/${prefix}`;
    for (const [name, object] of [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (name.startsWith(start)) yield object;
    }
  }

  async headObject(bucket: string, key: string) {
    return this.objects.get(`${bucket}/${key}`);
  }

  async openObject(
    bucket: string,
    key: string,
    { etag, start = 0 }: { readonly etag: string; readonly start?: number },
  ) {
    const object = this.objects.get(`${bucket}/${key}`);
    if (object === undefined || object.etag !== etag) return undefined;
    this.opened.push({ key, start });
    const cut = this.breaks.shift();
    const body = Buffer.from(object.body).subarray(start, cut === undefined ? undefined : start + cut);
    return Readable.from(
      (async function* () {
        if (body.length > 0) yield body;
        if (cut !== undefined) throw new Error('socket hang up');
      })(),
    );
  }

  async readText(bucket: string, key: string) {
    const object = this.objects.get(`${bucket}/${key}`);
    return object && { text: object.body, etag: object.etag };
  }

  async putObject(bucket: string, key: string, body: string, { metadata, onlyOver }: PutOptions) {
    const there = this.objects.get(`${bucket}/${key}`);
    if (onlyOver === 'absent' && there !== undefined) return false;
    if (typeof onlyOver === 'object' && there?.etag !== onlyOver.etag) return false;
    this.put(bucket, key, body, metadata);
    return true;
  }
}
