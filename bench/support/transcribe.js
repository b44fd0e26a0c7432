// Transcribes the same recordings on every thread of an engine, and prints what it took as JSON.
import { readFileSync } from 'node:fs';
import { createSpeechEngine } from '../../dist/lib/speech/engine.js';

const { model, paths, threads } = JSON.parse(process.argv[2]);

const starting = performance.now();
const engine = await createSpeechEngine(model, { threads });
const loadS = (performance.now() - starting) / 1000;
// Every thread has loaded and run once.
await Promise.all(Array.from({ length: threads }, () => engine.transcribe(paths[0])));

const cpu = process.cpuUsage();
const begin = performance.now();
const [results] = await Promise.all(Array.from({ length: threads }, () => all()));
const wallS = (performance.now() - begin) / 1000;
const { user, system } = process.cpuUsage(cpu);
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
await engine.close();

process.stdout.write(
  JSON.stringify({
    texts: results.map(({ text }) => text),
    audioS: results.reduce((sum, { durationS }) => sum + durationS, 0),
    wallS,
    cpuS: (user + system) / 1e6,
    loadS,
    peakBytes: Number(peak) * 1024,
  }),
);

/** One after the other: with as many of these as threads, every thread has one recording under work. */
async function all() {
  const done = [];
  for (const path of paths) done.push(await engine.transcribe(path));
  return done;
}
