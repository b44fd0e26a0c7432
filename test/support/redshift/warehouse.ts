import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { createS3Objects, type S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import { openRedshift } from '../../../src/lib/warehouse/redshift/open.js';
import type { WarehouseDeps, WarehouseSettings } from '../../../src/lib/warehouse/settings.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import type { Warehouse } from '../../../src/lib/warehouse/types.js';

export const region = 'us-east-1';
export const bucket = 'recordings';

export function redshiftSettings(table = 'transcription_results', more: object = {}): WarehouseSettings {
  return {
    engine: 'redshift',
    table: parseTableName(table),
    duckdb: { path: '/nowhere' },
    redshift: {
      ...{ workgroup: 'flights', database: 'dev', region, staging: `s3://${bucket}/loads/` },
      ...{ role: 'arn:aws:iam::123456789012:role/flights-warehouse-copy', ...more },
    },
  };
}

export function warehouseDeps(more: Partial<WarehouseDeps> = {}): WarehouseDeps {
  return {
    reporter: silentReporter,
    s3: async () => createS3Objects({ region }),
    env: {},
    baseDir: '/',
    configuredRegion: async () => undefined,
    // A tenth of the time: nothing here has to wait for another computer.
    sleep: (ms, signal) => delay(ms / 10, undefined, signal === undefined ? {} : { signal }),
    ...more,
  };
}

export async function openStandIn(
  table?: string,
  deps: Partial<WarehouseDeps> = {},
  more: object = {},
): Promise<Warehouse> {
  return await openRedshift(redshiftSettings(table, more), warehouseDeps(deps));
}

/** Objects of S3 in memory, for tests that have no moto: as S3 keeps them, with an ETag per content. */
export class MemoryS3 implements S3Objects {
  readonly objects = new Map<string, string>();
  /** Objects that are no text: they can be opened only. */
  readonly binary = new Map<string, Buffer>();

  async *listObjects(name: string, prefix: string) {
    for (const [path, body] of [...this.objects].sort()) {
      const key = path.slice(name.length + 1);
      if (!path.startsWith(`${name}/${prefix}`)) continue;
      yield { key, bytes: Buffer.byteLength(body), modifiedAt: new Date(0), etag: etagOf(body) };
    }
  }

  async headObject(name: string, key: string) {
    const body = this.objects.get(`${name}/${key}`);
    if (body === undefined) return undefined;
    const bytes = Buffer.byteLength(body);
    return { key, bytes, modifiedAt: new Date(0), etag: etagOf(body), version: undefined, metadata: {} };
  }

  async openObject(name: string, key: string, { etag }: { readonly etag: string }) {
    const path = `${name}/${key}`;
    const body = this.binary.get(path) ?? this.objects.get(path);
    return body === undefined || etagOf(body) !== etag ? undefined : Readable.from([Buffer.from(body)]);
  }

  async readText(name: string, key: string) {
    const text = this.objects.get(`${name}/${key}`);
    return text === undefined ? undefined : { text, etag: etagOf(text) };
  }

  async putObject(name: string, key: string, body: string) {
    this.objects.set(`${name}/${key}`, body);
    return true;
  }
}

export function etagOf(body: string | Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}
