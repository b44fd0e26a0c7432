import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { type RedshiftStandIn, startRedshift } from './server.js';
import { SourceObjects } from './sources.js';
import { openStandIn } from './warehouse.js';

/** A stand-in for the tests of a file, empty before each of them, with sources in an S3 in memory. */
export function useStandIn() {
  const sources = new SourceObjects();
  let started: RedshiftStandIn | undefined;
  const redshift = () => {
    if (started === undefined) throw new Error('The stand-in is there once the tests run');
    return started;
  };
  beforeAll(async () => {
    started = await startRedshift(async (name, key) => sources.s3.objects.get(`${name}/${key}`));
  });
  afterAll(async () => await started?.stop());
  beforeEach(async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', redshift().url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
    sources.s3.objects.clear();
    redshift().queue.watch = () => {};
    redshift().answering = () => {};
    redshift().forbidden.clear();
    redshift().pageStatements = 100;
    await redshift().database.raw('DROP TABLE IF EXISTS transcription_results; DROP TABLE IF EXISTS mlops_loads');
  });
  return {
    sources,
    redshift,
    raw: async (sql: string) => await redshift().database.raw(sql),
    open: (table?: string, more?: object) => openStandIn(table, { s3: async () => sources.s3 }, more),
    /** What the table has. */
    held: async () =>
      await redshift().database.raw('SELECT id, text, timestamp::text AS at FROM transcription_results ORDER BY id'),
  };
}
