// Loading transcripts into DuckDB: `mlops warehouse copy` (digests, staging, de-duplication, ledger, reconciliation) beside
// DuckDB's own read_json into a plain table, on the same files, interleaved. Then twice the files: time and memory.
//   npm run bench -- warehouse [ROWS] [ROUNDS]
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const child = join(import.meta.dirname, 'support', 'warehouse-child.js');
const rowsPerFile = 10_000;
const titles = { plain: 'read_json      ', copy: 'copy           ', double: 'copy, twice all' };
const words = 'we met on tuesday to talk about the new line and what it means for everybody who works on it'.split(' ');

export async function bench([rowsText = '1000000', roundsText = '3']) {
  const rows = Number(rowsText);
  const folder = mkdtempSync(join(tmpdir(), 'mlops-bench-warehouse-'));
  try {
    const once = join(folder, 'once');
    const twice = join(folder, 'twice');
    const bytes = writeFiles(once, 0, rows) + writeFiles(twice, rows, rows, once);
    print(`${rows.toLocaleString('en-US')} records, ${(bytes / 2 / 2 ** 20).toFixed(0)} MiB of JSON lines`);
    const runs = { plain: [], copy: [], double: [] };
    for (let round = 1; round <= Number(roundsText); round += 1) {
      for (const [name, mode, files] of [
        ['plain', 'plain', once],
        ['copy', 'copy', once],
        ['double', 'copy', twice],
      ]) {
        const measured = await measure(mode, folder, files);
        runs[name].push(measured);
        show(`${round}. ${titles[name]}`, measured);
      }
    }
    const ratios = (of, one, other) => median(runs[one].map((run, at) => of(runs[other][at]) / of(run))).toFixed(2);
    print(`medians of ${roundsText} rounds`);
    print(`copy / read_json, rows/s              ${ratios(({ seconds }) => 1 / seconds, 'plain', 'copy')}`);
    print(`copy / read_json, rows/s of processor ${ratios(({ cpuSeconds }) => 1 / cpuSeconds, 'plain', 'copy')}`);
    print(`twice the files: time                 ${ratios(({ seconds }) => seconds, 'copy', 'double')}`);
    print(`twice the files: processor time       ${ratios(({ cpuSeconds }) => cpuSeconds, 'copy', 'double')}`);
    print(`twice the files: peak memory          ${ratios(({ peakMiB }) => peakMiB, 'copy', 'double')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(mode, folder, files) {
  const database = join(folder, 'bench.duckdb');
  for (const ending of ['', '.wal', '.tmp']) rmSync(database + ending, { recursive: true, force: true });
  const { stdout } = await run(process.execPath, [child, mode, database, files]);
  return JSON.parse(stdout);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function show(name, { seconds, cpuSeconds, peakMiB, rows }) {
  const perSecond = Math.round(rows / seconds).toLocaleString('en-US');
  print(
    `${name}  ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor)  ${perSecond} rows/s  peak ${peakMiB.toFixed(0)} MiB`,
  );
}

/** Files of records like those of `transcribe`; those of another folder are linked in beside them. */
function writeFiles(folder, first, count, others) {
  mkdirSync(folder);
  let bytes = 0;
  for (let from = first; from < first + count; from += rowsPerFile) {
    let text = '';
    for (let row = from; row < Math.min(from + rowsPerFile, first + count); row += 1)
      text += `${JSON.stringify(record(row))}\n`;
    bytes += Buffer.byteLength(text);
    writeFileSync(join(folder, `${from}.jsonl`), text);
    if (others !== undefined) symlinkSync(join(others, `${from - first}.jsonl`), join(folder, `${from - first}.jsonl`));
  }
  return bytes;
}

function record(row) {
  const segments = [0, 1, 2].map((at) => ({
    start_s: at * 3.5,
    end_s: at * 3.5 + 3.2,
    text: sentence(row * 7 + at * 3),
  }));
  return {
    id: createHash('sha256').update(String(row)).digest('hex').slice(0, 32),
    text: segments.map(({ text }) => text).join(' '),
    timestamp: new Date(1_767_225_600_000 + row * 1000).toISOString(),
    source: `s3://recordings/2026/01/${row}.wav`,
    uploaded_at: new Date(1_767_225_000_000 + row * 1000).toISOString(),
    duration_s: 10.7,
    sample_rate_hz: 16_000,
    channels: 1,
    language: 'en',
    model: 'moonshine-tiny',
    model_digest: 'a'.repeat(64),
    segments,
  };
}

function sentence(seed) {
  return Array.from({ length: 8 }, (_, at) => words[(seed + at * (1 + (seed % 5))) % words.length]).join(' ');
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
