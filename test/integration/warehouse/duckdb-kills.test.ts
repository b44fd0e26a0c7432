import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../src/lib/warehouse/duckdb/open.js';
import { type CopyResult, copySteps } from '../../../src/lib/warehouse/types.js';
import { between, seeded } from '../../support/random.js';
import { tempDir } from '../../support/temp-dir.js';
import { allRows, warehouseDeps } from '../../support/warehouse/open.js';
import { type Event, expectedRows, lines, shuffledEvents } from '../../support/warehouse/records.js';

const loader = join(import.meta.dirname, '..', '..', 'support', 'warehouse', 'loader.js');
const files = 200;

interface End {
  readonly isKilled: boolean;
  readonly results: readonly CopyResult[];
}

/** Runs a loader to its end, which may be a violent one. Throws when it fails in any other way. */
async function runLoader(...args: readonly (string | number)[]): Promise<End> {
  const { promise, resolve, reject } = Promise.withResolvers<End>();
  execFile(process.execPath, [loader, ...args.map(String)], (error, stdout, stderr) => {
    const results = stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text) as CopyResult);
    if (error === null || error.signal === 'SIGKILL') resolve({ isKilled: error !== null, results });
    else reject(new Error(stderr));
  });
  return await promise;
}

/** 2,000 records and their doubles in 200 files of four folders, each of which is a load. */
async function writeEvents(
  dir: string,
  seed: number,
): Promise<{ events: readonly Event[]; folders: readonly string[] }> {
  const events = shuffledEvents(seeded(seed), 2_000);
  const perFile = Math.ceil(events.length / files);
  const folders = [0, 1, 2, 3].map((at) => join(dir, `in-${at}`));
  for (const folder of folders) await mkdir(folder);
  for (let at = 0; at * perFile < events.length; at += 1) {
    const text = lines(events.slice(at * perFile, (at + 1) * perFile));
    await writeFile(join(folders[at % 4] ?? '', `${at}.jsonl`), text);
  }
  return { events, folders };
}

async function contents(dir: string, path: string) {
  const table = { schema: undefined, name: 'transcription_results' };
  const settings = { engine: 'duckdb', table, duckdb: { path }, redshift: {} } as const;
  const warehouse = openDuckDb(settings, warehouseDeps(dir));
  const essentials = `id, text, strftime("timestamp", '%Y-%m-%dT%H:%M:%S')`;
  return {
    rows: await allRows(warehouse, `SELECT ${essentials} FROM transcription_results ORDER BY id`),
    loads: await allRows(
      warehouse,
      'SELECT rows_in_files = staged AND staged = duplicates + stale + inserted + updated, inserted FROM mlops_loads',
    ),
  };
}

describe('a loader that is killed', () => {
  it('at every step, then at random, twice and doubled: the table equals the expected set', async () => {
    const dir = await tempDir();
    const path = join(dir, 'warehouse.duckdb');
    const { events, folders } = await writeEvents(dir, 11);
    const random = seeded(12);
    for (const folder of folders) {
      for (const step of copySteps) {
        const { isKilled, results } = await runLoader(path, folder, step);
        // Only the kill after the commit leaves something, and then there is no step of a load any more.
        expect({ step, isKilled, results }).toEqual({ step, isKilled: true, results: [] });
      }
      const after = await runLoader(path, folder);
      expect(after.results.map(({ status }) => status)).toEqual(['already-loaded']);
    }
    for (let round = 0; round < 6; round += 1) {
      await runLoader(path, folders[between(random, 0, 3)] ?? '', '', between(random, 1, 300));
    }
    const { rows, loads } = await contents(dir, path);
    expect(rows).toEqual(expectedRows(events));
    expect(loads).toHaveLength(4);
    expect(loads.every(([addsUp]) => addsUp === true)).toBe(true);
    expect(loads.reduce((sum, [, inserted]) => sum + Number(inserted), 0)).toBe(rows.length);
  });

  it('at random moments until it gets through', async () => {
    const dir = await tempDir();
    const path = join(dir, 'warehouse.duckdb');
    const { events, folders } = await writeEvents(dir, 21);
    const random = seeded(22);
    for (const folder of folders) {
      let { isKilled } = await runLoader(path, folder, '', between(random, 1, 250));
      for (let at = 0; isKilled && at < 4; at += 1) {
        isKilled = (await runLoader(path, folder, '', between(random, 1, 600))).isKilled;
      }
      await runLoader(path, folder);
    }
    expect((await contents(dir, path)).rows).toEqual(expectedRows(events));
  });

  it('two at once wait for each other', async () => {
    const dir = await tempDir();
    const path = join(dir, 'warehouse.duckdb');
    const { events, folders } = await writeEvents(dir, 31);
    const ends = await Promise.all([...folders, ...folders].map((folder) => runLoader(path, folder)));
    const statuses = ends.flatMap(({ results }) => results.map(({ status }) => status));
    expect(statuses.toSorted()).toEqual([...Array(4).fill('already-loaded'), ...Array(4).fill('loaded')]);
    expect((await contents(dir, path)).rows).toEqual(expectedRows(events));
  });
});
