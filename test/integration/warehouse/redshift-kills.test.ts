import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CopyResult } from '../../../src/lib/warehouse/types.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { between, seeded } from '../../support/random.js';
import { type RedshiftStandIn, startRedshift } from '../../support/redshift/server.js';
import { type Event, expectedRows, lines, shuffledEvents } from '../../support/warehouse/records.js';

const loader = join(import.meta.dirname, '..', '..', 'support', 'redshift', 'loader.js');
const bucket = 'recordings';
const files = 200;

interface End {
  readonly isKilled: boolean;
  readonly results: readonly CopyResult[];
}

describe.skipIf(!hasMoto)('a loader of Redshift that is killed', () => {
  let moto: Moto;
  let redshift: RedshiftStandIn;
  let s3: S3Client;

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    s3 = new S3Client({ endpoint: moto.url, region: 'us-east-1', credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    redshift = await startRedshift(async (Bucket, Key) => {
      try {
        return await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw error;
      }
    });
  });
  afterAll(async () => {
    await redshift?.stop();
    await moto?.stop();
  });
  beforeEach(async () => {
    redshift.queue.watch = () => {};
    await redshift.database.raw('DROP TABLE IF EXISTS transcription_results; DROP TABLE IF EXISTS mlops_loads');
  });

  const start = (...args: readonly (string | number)[]): ChildProcess => {
    const env = {
      ...process.env,
      ...moto.env,
      AWS_ENDPOINT_URL_S3: moto.url,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.url,
    };
    return spawn(process.execPath, [loader, ...args.map(String)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  };
  /** Waits for an end, which may be a violent one. Throws when the loader fails in any other way. */
  const ended = async (child: ChildProcess): Promise<End> => {
    const [stdout, stderr] = [text(child.stdout as NodeJS.ReadableStream), text(child.stderr as NodeJS.ReadableStream)];
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(await stderr);
    const results = (await stdout)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as CopyResult);
    return { isKilled: signal === 'SIGKILL', results };
  };

  /** 2,000 records and their doubles in 200 objects below four prefixes, each of which is a load. */
  const putEvents = async (name: string, seed: number) => {
    const events = shuffledEvents(seeded(seed), 2_000);
    const perFile = Math.ceil(events.length / files);
    const prefixes = [0, 1, 2, 3].map((at) => `${name}-${at}/`);
    await Promise.all(
      Array.from({ length: files }, (_, at) => {
        const Body = lines(events.slice(at * perFile, (at + 1) * perFile));
        return s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefixes[at % 4]}${at}.jsonl`, Body }));
      }),
    );
    return { events, loads: prefixes.map((prefix) => `s3://${bucket}/${prefix}`) };
  };

  const expectExactly = async (events: readonly Event[]) => {
    const rows = await redshift.database.raw(
      `SELECT id, text, to_char(timestamp, 'YYYY-MM-DD"T"HH24:MI:SS') AS at FROM transcription_results ORDER BY id COLLATE "C"`,
    );
    expect(rows.map(({ id, text, at }) => [id, text, at])).toEqual(expectedRows(events));
    const loads = await redshift.database.raw(
      'SELECT rows_in_files = staged AND staged = duplicates + stale + inserted + updated AS adds_up, inserted FROM mlops_loads',
    );
    expect(loads).toHaveLength(4);
    expect(loads.every(({ adds_up }) => adds_up === true)).toBe(true);
    expect(loads.reduce((sum, { inserted }) => sum + Number(inserted), 0)).toBe(rows.length);
  };

  it('at every statement, at every step, and doubled: the table equals the expected set', async () => {
    const { events, loads } = await putEvents('steps', 11);
    const [first = '', second = ''] = loads;
    // Redshift goes down with the loader: what it did of the transaction is gone.
    let at = 0;
    for (let isKilled = true; isKilled; at += Number(isKilled)) {
      let child: ChildProcess | undefined;
      let seen = 0;
      redshift.queue.watch = (_, { submission }) => {
        if (submission.name?.startsWith('mlops-load') !== true) return;
        seen += 1;
        if (seen !== at + 1) return;
        child?.kill('SIGKILL');
        throw new Error('ERROR: the leader node was restarted');
      };
      child = start(first);
      const end = await ended(child);
      isKilled = end.isKilled;
      if (!isKilled) expect(end.results.map(({ status }) => status)).toEqual(['loaded']);
      await redshift.queue.all.at(-1)?.ended;
    }
    // Every statement of the transaction, and its commit.
    const batches = redshift.queue.all.filter(({ submission }) => submission.name?.startsWith('mlops-load'));
    expect(at).toBe((batches.at(-1)?.submission.sqls.length ?? 0) + 1);
    redshift.queue.watch = () => {};
    expect((await ended(start(second, 'begun'))).isKilled).toBe(true);
    expect((await ended(start(second, 'committed'))).isKilled).toBe(true);
    expect((await ended(start(second))).results.map(({ status }) => status)).toEqual(['already-loaded']);
    for (const load of loads) await ended(start(load));
    for (const load of loads) {
      expect((await ended(start(load))).results.map(({ status }) => status)).toEqual(['already-loaded']);
    }
    await expectExactly(events);
  });

  it('at random moments while Redshift goes on, throttled, and several at once', async () => {
    const { events, loads } = await putEvents('random', 21);
    const random = seeded(22);
    for (const load of loads) {
      for (let at = 0; at < 3; at += 1) {
        redshift.throttle.set('DescribeStatement', between(random, 0, 2));
        redshift.throttle.set('BatchExecuteStatement', between(random, 0, 1));
        await ended(start(load, '', between(random, 50, 2_000)));
      }
    }
    const ends = await Promise.all([...loads, ...loads].map((load) => ended(start(load))));
    expect(ends.flatMap(({ results }) => results)).toHaveLength(8);
    await expectExactly(events);
  });
});
