// `npm run bench -- speech [ROUNDS]`: word errors, real-time factor and memory of speech recognition, on ten recordings of
// people (Debian's pocketsphinx-testdata). Each figure is of a process of its own; loading the model is not counted.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureSpeechModel } from '../dist/lib/model/pull.js';
import { cacheFolder } from '../dist/lib/platform/files/cache-folder.js';
import { resolveTypeScript } from './support/typescript.js';

const run = promisify(execFile);
const targets = { errors: 5, factor: 0.06, bytes: 600e6 };
const reporter = {
  step: (title) => ({ update() {}, succeed: () => print(title), fail() {} }),
  note: print,
  warn: print,
};

export async function bench([rounds = '5'] = []) {
  resolveTypeScript();
  const { recordings } = await import('../test/support/speech/recordings.ts');
  const { sumOf, wordErrors } = await import('../test/support/speech/word-errors.ts');
  let clips;
  try {
    clips = recordings();
  } catch {
    process.stderr.write('The recordings are missing: apt-get install pocketsphinx-testdata\n');
    process.exitCode = 5;
    return;
  }
  const model = await ensureSpeechModel('moonshine-tiny', {
    cacheDir: cacheFolder(process.env),
    offline: false,
    reporter,
  });
  const paths = clips.map(({ path }) => path);
  const measured = { 1: [], 2: [] };
  for (let round = 0; round < Number(rounds); round++) {
    // Every other round the other way round, so that a drift of the machine meets both alike.
    for (const threads of round % 2 === 0 ? [1, 2] : [2, 1]) {
      measured[threads].push(await inProcess({ model, paths, threads }));
    }
  }
  const [first] = measured[1];
  const each = clips.map(({ transcript }, index) => wordErrors(transcript, first.texts[index]));
  for (const [index, { errors, words }] of each.entries()) {
    print(`${String(errors).padStart(2)} of ${String(words).padStart(2)} wrong   ${first.texts[index]}`);
  }
  const { errors, words } = sumOf(each);
  print(`\n${errors} of ${words} words wrong (at most ${targets.errors})`);
  print(`\nmedian of ${rounds} rounds, ${first.audioS.toFixed(1)} s of speech for each thread, loading not counted`);
  for (const [threads, runs] of Object.entries(measured)) {
    const what = `${threads} thread${threads === '1' ? '' : 's'}`.padEnd(10);
    const wall = median(runs.map(({ wallS, audioS }) => wallS / audioS));
    const cpu = median(runs.map(({ cpuS, audioS }) => cpuS / audioS / Number(threads)));
    const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes));
    const load = median(runs.map(({ loadS }) => loadS));
    print(
      `  ${what} real-time factor ${wall.toFixed(3)} (at most ${targets.factor}), ${cpu.toFixed(3)} of CPU time; ` +
        `peak memory ${(peak / 1e6).toFixed(0)} MB (at most ${targets.bytes / 1e6}); loaded in ${load.toFixed(2)} s`,
    );
  }
  const busy = median(measured[1].map(({ wallS, cpuS }) => wallS / cpuS));
  if (busy > 1.2)
    print(`\nThe machine was busy: one thread waited ${(100 * (1 - 1 / busy)).toFixed(0)} % of its time for a core.`);
}

async function inProcess(task) {
  const script = join(import.meta.dirname, 'support', 'transcribe.js');
  const { stdout } = await run(process.execPath, [script, JSON.stringify(task)], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
