// `npm run quickstart`: from a fresh clone to a verdict. It may be started by an older Node than mlops needs, so it
// uses nothing newer than Node 16 itself and runs everything else on the Node that the install brings.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

/** The lock file npm leaves in node_modules is as new as the last install. */
function isInstalled() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(marker) &&
    existsSync(node) &&
    statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

function run(title, program, args) {
  process.stderr.write(`\n> ${title}\n`);
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(signal === 'SIGINT' ? 130 : (status ?? 1));
}

function runNpm(title, args) {
  const npm = process.env.npm_execpath;
  if (npm === undefined) {
    process.stderr.write('Start it with `npm run quickstart`.\n');
    process.exit(2);
  }
  run(title, process.execPath, [npm, ...args]);
}

// `prepare` builds as part of the install.
if (isInstalled()) runNpm('Building', ['run', '--silent', 'build']);
else runNpm('Installing and building', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);

run('Serving the bundled model and testing it: 400 connections, 45 s, at least 50,000 right answers', node, [
  join(root, 'bin', 'run.js'),
  'load-test',
  '--output',
  'report/load-test.json',
  '--html',
  'report/load-test.html',
  ...process.argv.slice(2),
]);
