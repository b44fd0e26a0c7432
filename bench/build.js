// `npm run bench -- build [ROUNDS]`: what `mlops build` makes and how long it takes, and how long a container of it takes
// from `docker run` to the first right answer, beside one of the same base with a bare node:http server, interleaved.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const targetAddedBytes = 90e6;
const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--memory', '256m'];
const bareServer = `require('node:http').createServer((_request, response) => response.end('{}')).listen(8080)`;

export async function bench([rounds = '7'] = []) {
  try {
    await run(join(root, 'test/support/docker/prepare.sh'));
  } catch (error) {
    process.stderr.write(`No Docker daemon and no base image: ${error.message}\n`);
    process.exitCode = 5;
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
  try {
    const image = await builds(dir);
    await starts(image, Number(rounds));
  } finally {
    await rm(dir, { recursive: true, force: true });
    const left = await docker('image', 'ls', '--quiet', '--filter', 'label=dev.mlops.project=bench');
    if (left !== '') await docker('rmi', '--force', ...new Set(left.split('\n')));
  }
}

async function builds(dir) {
  const project = (delay) => writeFile(join(dir, 'mlops.yaml'), `name: bench\nserve: { drain: { delay: ${delay} } }\n`);
  await project('1s');
  const ejected = JSON.parse(await mlops(dir, 'build', '--eject', 'ejected', '--json'));
  let coldImage = '';
  const cold = await timed(async () => {
    coldImage = await docker('build', '--no-cache', '--quiet', ejected.ejected);
  });
  await docker('rmi', coldImage);
  const built = JSON.parse(await mlops(dir, 'build', '--json'));
  const again = await timed(() => mlops(dir, 'build', '--json'));
  await project('1001ms');
  const changed = await timed(() => mlops(dir, 'build', '--json'));
  for (const { name, bytes } of built.layers) print(`${name.padEnd(20)} ${megabytes(bytes)}`);
  const verdict = built.addedBytes <= targetAddedBytes ? 'within' : 'OVER';
  print(`${'on top of the base'.padEnd(20)} ${megabytes(built.addedBytes)} (${verdict} the 90 MB that it may)`);
  const { context, scan, build } = built.durationMs;
  print(`\nbuilder ${built.builder}`);
  print(`docker build of the context, nothing cached       ${seconds(cold)}`);
  print(`mlops build after it                              ${seconds(context + scan + build)}`);
  print(`  secrets ${seconds(scan)}, context ${seconds(context)}, docker ${seconds(build)}`);
  print(`mlops build again, all of the command             ${seconds(again)}`);
  print(`mlops build with another configuration            ${seconds(changed)}`);
  return built;
}

async function starts({ image, base }, rounds) {
  const golden = JSON.parse(await readFile(join(root, 'model/flight-delay.golden.json'), 'utf8'));
  const row = Array.from({ length: 37 }, (_, column) => ([0, 23, 25].includes(column) ? 1 : 0));
  const right = { body: JSON.stringify({ array: row }), answer: JSON.stringify({ predicciones: [golden.labels[0]] }) };
  const kinds = {
    bare: () => once([base, 'node', '-e', bareServer], { body: '{}', answer: '{}' }),
    mlops: () => once([image], right),
  };
  const measured = { bare: [], mlops: [] };
  for (let round = 0; round < rounds; round++) {
    const names = Object.keys(kinds);
    for (const name of round % 2 === 0 ? names : names.reverse()) measured[name].push(await kinds[name]());
  }
  const first = (name) => median(measured[name].map(({ firstMs }) => firstMs));
  print(`\nfrom \`docker run\` to the first right answer, median of ${rounds}, 256 MiB, read-only`);
  for (const name of Object.keys(kinds)) print(`  ${name.padEnd(6)} ${seconds(first(name))}`);
  print(`  ratio  ${(first('mlops') / first('bare')).toFixed(2)}`);
  const stops = measured.mlops.map(({ stopMs }) => stopMs);
  const clean = measured.mlops.filter(({ exitCode }) => exitCode === '0').length;
  print(
    `docker stop of mlops, drain delay of 1 s included: median ${seconds(median(stops))}, ${clean} of ${rounds} ended with 0`,
  );
  print(
    `memory of mlops after its first answer: median ${megabytes(median(measured.mlops.map(({ bytes }) => bytes)))}`,
  );
}

/** One container from its start to its end. */
async function once(command, { body, answer }) {
  const begin = performance.now();
  const id = await docker('run', '--detach', '--publish', '127.0.0.1::8080', ...hardened, ...command);
  try {
    const [address] = (await docker('port', id, '8080/tcp')).split('\n');
    await answered(`http://${address}/api`, body, answer);
    const firstMs = performance.now() - begin;
    const bytes = await residentBytes(id);
    const stopping = performance.now();
    await docker('stop', '-t', '10', id);
    const stopMs = performance.now() - stopping;
    return { firstMs, stopMs, bytes, exitCode: await docker('inspect', '--format', '{{.State.ExitCode}}', id) };
  } finally {
    await docker('rm', '--force', id);
  }
}

async function answered(url, body, answer) {
  const headers = { 'content-type': 'application/json' };
  for (let tries = 0; tries < 2_000; tries++) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      if (text === answer) return;
      throw new Error(`wrong answer: ${text}`);
    } catch (error) {
      if (error.message.startsWith('wrong answer')) throw error;
      await sleep(5);
    }
  }
  throw new Error(`no answer from ${url}`);
}

async function residentBytes(id) {
  const pid = await docker('inspect', '--format', '{{.State.Pid}}', id);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

async function mlops(cwd, ...args) {
  return (await run(process.execPath, [join(root, 'bin/run.js'), ...args], { cwd })).stdout;
}

async function docker(...args) {
  return (await run('docker', args)).stdout.trim();
}

async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`.padStart(7);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
