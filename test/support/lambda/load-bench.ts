import { join } from 'node:path';
import type { RunContext } from '../../../src/lib/lambda/handler.js';
import { createLoadHandler } from '../../../src/lib/lambda/load/handler.js';
import { readPipelineSettings } from '../../../src/lib/lambda/settings.js';
import type { S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import type { TranscriptRecord } from '../../../src/lib/transcript/record.js';
import { openWarehouse } from '../../../src/lib/warehouse/open.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import type { Warehouse } from '../../../src/lib/warehouse/types.js';
import { testDeps } from '../recordings/deps.js';
import { FakeS3 } from '../recordings/fake-s3.js';
import { tempDir } from '../temp-dir.js';
import { metricsOf, runContext } from './bench.js';

/** A record as the function that transcribes writes it, with an id of its number. */
export function record(
  number: number,
  text = `text ${number}`,
  timestamp = '2026-01-02T03:04:05.000Z',
): TranscriptRecord {
  return {
    id: number.toString(16).padStart(32, '0'),
    ...{ text, timestamp, source: `s3://data/recordings/${number}.wav`, uploaded_at: '2026-01-02T03:00:00.000Z' },
    ...{
      duration_s: 2,
      sample_rate_hz: 8000,
      channels: 1,
      language: 'en',
      model: 'fake',
      model_digest: 'f'.repeat(64),
    },
    segments: [{ start_s: 0, end_s: 2, text }],
  };
}

/** The function that loads, into a DuckDB file, from a bucket in memory. */
export async function loadBench({ s3 = new FakeS3() }: { s3?: FakeS3 } = {}) {
  const path = join(await tempDir(), 'warehouse.duckdb');
  const table = parseTableName('transcription_results');
  const warehouse = { engine: 'duckdb', table, duckdb: { path }, redshift: {} } as const;
  const lines: string[] = [];
  const { reporter, said } = testDeps();
  const opens = { count: 0 };
  const open = (of: S3Objects): Promise<Warehouse> =>
    openWarehouse(warehouse, {
      reporter,
      s3: async () => of,
      env: {},
      baseDir: '/',
      configuredRegion: async () => undefined,
      sleep: async () => {},
    });
  const put = (day: string, ...records: readonly TranscriptRecord[]) => {
    for (const one of records) s3.put('data', `processed/${day}/${one.id}.jsonl`, `${JSON.stringify(one)}\n`);
  };
  return {
    ...{ s3, said, lines, opens, put, path },
    /** A result that is none: the key it has. */
    putBad(day: string, number: number, body = '{"half":'): string {
      const key = `processed/${day}/${record(number).id}.jsonl`;
      s3.put('data', key, body);
      return key;
    },
    metrics: () => metricsOf(lines.at(-1)),
    run: (
      { through = s3, wrap = (one) => one }: { through?: S3Objects; wrap?: (warehouse: Warehouse) => Warehouse } = {},
      changed: Partial<RunContext> = {},
    ) =>
      createLoadHandler(readPipelineSettings({ S3_BUCKET: 'data' }), warehouse, {
        project: 'calls',
        s3: async () => through,
        openWarehouse: async () => {
          opens.count += 1;
          return wrap(await open(through));
        },
        now: Date.now,
        writeLine: (line) => lines.push(line),
      })({}, runContext({ reporter }, changed)),
    /** id -> text, of all rows. */
    async rows(): Promise<[string, string][]> {
      const { parts } = await (await open(s3)).query(`SELECT id, "text" FROM transcription_results ORDER BY id`);
      const rows: [string, string][] = [];
      for await (const part of parts) for (const [id, text] of part) rows.push([String(id), String(text)]);
      return rows;
    },
  };
}
