// `npm run bench -- serve [ROUNDS [SECONDS]]`: requests per second of `mlops serve` and of a bare node:http server that
// answers a constant, by the same wrk, interleaved. The result is the median of the ratios of the rounds: both sides of a
// round meet the same machine, so it holds on any, and on one that others use as well.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const connections = 400;
const targetRatio = 0.7;
const warmUpSeconds = 3;
const ticksPerSecond = 100;

export async function bench([rounds = '7', seconds = '4'] = []) {
  if (!(await hasWrk())) {
    process.stderr.write('wrk is not installed: apt-get install wrk, brew install wrk\n');
    process.exitCode = 5;
    return;
  }
  const servers = {
    bare: await start([join(root, 'bench/support/bare-server.js')]),
    mlops: await start([join(root, 'bin/run.js'), 'serve', '--port', '0', '--json', '--log-level', 'error']),
  };
  try {
    const expected = await references(servers.mlops.url);
    for (const server of Object.values(servers)) await load(server, warmUpSeconds, expected);
    const measured = { bare: [], mlops: [] };
    for (let round = 0; round < Number(rounds); round++) {
      // Every other round the other way round, so that a drift of the machine meets both alike.
      const names = Object.keys(servers);
      for (const name of round % 2 === 0 ? names : names.reverse()) {
        measured[name].push(await load(servers[name], Number(seconds), expected));
      }
      const { bare, mlops } = measured;
      print(`round ${round + 1}: bare ${perSecond(bare.at(-1))}, mlops ${perSecond(mlops.at(-1))}`);
    }
    report(measured, Number(seconds));
  } finally {
    for (const { child } of Object.values(servers)) child.kill();
  }
}

function report({ bare, mlops }, seconds) {
  const sum = (runs, key) => runs.reduce((total, each) => total + each[key], 0);
  const ratios = mlops.map((each, round) => each.perSecond / bare[round].perSecond);
  print(`\nmedian of ${bare.length} rounds of ${seconds} s, ${connections} connections, one process each`);
  for (const [name, runs] of Object.entries({ bare, mlops })) {
    const rate = Math.round(median(runs.map((each) => each.perSecond)));
    const cpu = median(runs.map((each) => each.cpuMicroseconds)).toFixed(1);
    print(`  ${name.padEnd(5)} ${rate.toLocaleString('en-US').padStart(7)} requests/s, ${cpu} us of CPU each`);
  }
  const [lowest, ratio, highest] = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((each) =>
    each.toFixed(2),
  );
  print(
    `  ratio ${ratio}, the median of the rounds (${lowest} to ${highest}; target: at least ${targetRatio.toFixed(2)})`,
  );
  print(`mlops: ${sum(mlops, 'not2xx')} answers that are not 2xx, ${sum(mlops, 'socketErrors')} socket errors,`);
  print(`  ${sum(mlops, 'compared')} sampled answers compared under load, ${sum(mlops, 'different')} different`);
}

async function load(server, seconds, expected) {
  const script = join(root, 'bench/support/predict.lua');
  const before = await cpuSeconds(server.child.pid);
  const sampling = new AbortController();
  const samples = sample(server.url, expected, sampling.signal);
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, server.url]);
  sampling.abort();
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    cpuMicroseconds: (((await cpuSeconds(server.child.pid)) - before) / requests) * 1e6,
    not2xx: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
    socketErrors: errors.reduce((sum, count) => sum + count, 0),
    ...(await samples),
  };
}

/** Asks for one prediction after the other beside the load, on both servers alike, and compares with the idle answer. */
async function sample(url, expected, signal) {
  const totals = { compared: 0, different: 0 };
  while (!signal.aborted) {
    const [body, answer] = expected[(totals.compared * 101) % expected.length];
    if ((await predict(url, body)) !== answer) totals.different++;
    totals.compared++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return totals;
}

async function references(url) {
  const bodies = oneHotRows().map((array) => JSON.stringify({ array }));
  const answers = [];
  for (const body of bodies) answers.push([body, await predict(url, body)]);
  return answers;
}

async function predict(url, body) {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/api`, { method: 'POST', headers, body })).text();
}

function oneHotRows() {
  const columns = Array.from({ length: 37 }, (_, column) => column);
  const rows = [];
  for (let airline = 0; airline < 23; airline++) {
    for (let kind = 23; kind < 25; kind++) {
      for (let month = 25; month < 37; month++) {
        rows.push(columns.map((column) => Number([airline, kind, month].includes(column))));
      }
    }
  }
  return rows;
}

async function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: JSON.parse(line).url };
}

/** CPU time of a process in all its threads, where the system has /proc. */
async function cpuSeconds(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(text) ?? [];
  return (Number(user) + Number(system)) / ticksPerSecond;
}

async function hasWrk() {
  // `wrk -v` prints its version and ends with 1.
  return run('wrk', ['-v']).then(
    () => true,
    ({ code }) => code === 1,
  );
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function perSecond(each) {
  return Math.round(each.perSecond).toLocaleString('en-US');
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
