// `npm run bench -- load-test [ROUNDS [SECONDS]]`: our load generator beside wrk's and autocannon's own, interleaved,
// against a server with a fixed delay of 50 ms and against one that answers at once. Medians over the rounds.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const run = promisify(execFile);
const autocannon = createRequire(import.meta.url).resolve('autocannon');
const connections = 100;
const reporter = { step: () => ({ update() {}, succeed() {}, fail() {} }), note() {}, warn() {} };

export async function bench([rounds = '5', seconds = '5'] = []) {
  const tools = { ours, autocannon: theirs, ...((await hasWrk()) ? { wrk } : {}) };
  if (tools.wrk === undefined) process.stderr.write('wrk is not installed: comparing with autocannon only\n');
  for (const delayMs of [50, 0]) {
    const server = await startServer(delayMs);
    const runs = Object.fromEntries(Object.keys(tools).map((name) => [name, []]));
    for (let round = 0; round < Number(rounds); round++) {
      // Each round in another order, so that a drift of the machine meets all of them alike.
      const names = Object.keys(tools).map((_, index, all) => all[(index + round) % all.length]);
      for (const name of names) {
        const measured = await tools[name](server.port, Number(seconds));
        runs[name].push({ ...measured, server: await server.report() });
      }
    }
    await server.stop();
    print(delayMs, runs, Number(seconds));
  }
}

async function ours(port, seconds) {
  const { loadTest } = await import('../dist/lib/load-test/load-test.js');
  const request = {
    url: `http://127.0.0.1:${port}/`,
    method: 'GET',
    threads: 1,
    timeout: '10s',
    headers: [],
    insecure: false,
  };
  const result = await loadTest(request, {
    reporter,
    interrupt: new AbortController().signal,
    cwd: process.cwd(),
    defaults: { connections, durationMs: seconds * 1000, minRequests: 0 },
    versions: { mlops: '', node: process.versions.node },
  });
  const { throughput, latencyMs, requests } = result;
  return { perSecond: throughput.meanPerSecond, p50: latencyMs.p50, p99: latencyMs.p99, sent: requests.sent + 1 };
}

async function theirs(port, seconds) {
  const args = [autocannon, '--json', '-c', String(connections), '-d', String(seconds), `http://127.0.0.1:${port}/`];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
  const { requests, latency, duration } = JSON.parse(stdout);
  return { perSecond: requests.total / duration, p50: latency.p50, p99: latency.p99, sent: requests.sent };
}

async function wrk(port, seconds) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `http://127.0.0.1:${port}/`];
  const { stdout } = await run('wrk', args);
  const percentile = (name) => {
    const [, value, unit] = new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout) ?? [];
    return Number(value) * { us: 1e-3, ms: 1, s: 1e3 }[unit];
  };
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perSecond, p50: percentile(50), p99: percentile(99), sent: undefined };
}

async function hasWrk() {
  return run('wrk', ['-v']).then(
    () => true,
    // `wrk -v` prints its version and ends with 1.
    (error) => error.code === 1,
  );
}

async function startServer(delayMs) {
  const script = new URL('./support/fixed-server.js', import.meta.url);
  const child = fork(script, [String(delayMs)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = await once(child.stdout, 'data');
  return {
    port: JSON.parse(line).port,
    report: async () => {
      child.send('report');
      return (await once(child, 'message'))[0];
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function print(delayMs, runs, seconds) {
  const of = (name, pick) => median(runs[name].map(pick));
  const rate = (name) => of(name, ({ perSecond }) => perSecond);
  process.stdout.write(
    `\nA server that answers after ${delayMs} ms, ${connections} connections, medians of ${runs.ours.length} x ${seconds} s\n`,
  );
  process.stdout.write(
    `${'tool'.padEnd(12)}${'req/s'.padStart(12)}${'server saw'.padStart(14)}${'p50 ms'.padStart(10)}${'p99 ms'.padStart(10)}\n`,
  );
  for (const name of Object.keys(runs)) {
    const saw = of(name, ({ server }) => server.answered / seconds);
    const cells = [rate(name).toFixed(1).padStart(12), saw.toFixed(1).padStart(14)];
    const latencies = ['p50', 'p99'].map((key) =>
      of(name, (one) => one[key])
        .toFixed(3)
        .padStart(10),
    );
    process.stdout.write(`${name.padEnd(12)}${[...cells, ...latencies].join('')}\n`);
  }
  process.stdout.write(
    `the server took ${of('ours', ({ server }) => server.meanServiceMs).toFixed(3)} ms on average, by its own clock\n`,
  );
  for (const name of Object.keys(runs).filter((other) => other !== 'ours')) {
    const ratio = (key) => (of('ours', (one) => one[key]) / of(name, (one) => one[key])).toFixed(3);
    process.stdout.write(`ours / ${name}: req/s ${ratio('perSecond')}, p50 ${ratio('p50')}, p99 ${ratio('p99')}\n`);
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
