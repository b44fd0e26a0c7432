// `npm run bench -- speech [ROUNDS]`: word errors, real-time factor and memory of speech recognition, on ten recordings of
// people (Debian's pocketsphinx-testdata), beside what is asked of them: exit 3 when one is missed, 4 when the machine was too busy
// to tell. Each figure is of a process of its own; loading the model is not counted.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureSpeechModel } from '../dist/lib/model/pull.js';
import { cacheFolder } from '../dist/lib/platform/files/cache-folder.js';
import { speechVerdict } from './support/speech-verdict.js';
import { resolveTypeScript } from './support/typescript.js';

const run = promisify(execFile);
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
  print(`\nmedian of ${rounds} rounds, ${first.audioS.toFixed(1)} s of speech for each thread, loading not counted`);
  const runs = [];
  for (const [threads, all] of Object.entries(measured)) {
    const what = `${threads} thread${threads === '1' ? '' : 's'}`.padEnd(10);
    const factor = median(all.map(({ wallS, audioS }) => wallS / audioS));
    const cpu = median(all.map(({ cpuS, audioS }) => cpuS / audioS / Number(threads)));
    const load = median(all.map(({ loadS }) => loadS));
    print(`  ${what} ${cpu.toFixed(3)} of the duration in CPU time; loaded in ${load.toFixed(2)} s`);
    runs.push({ threads: Number(threads), factor, peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)) });
  }
  const busy = median(measured[1].map(({ wallS, cpuS }) => wallS / cpuS));
  const { lines, exitCode } = speechVerdict({ errors, words, busy, runs });
  print(`\n${lines.join('\n')}`);
  process.exitCode = exitCode;
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
