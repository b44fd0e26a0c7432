// Bundles what runs in images into dist/image/<kind>: one folder of files that needs no node_modules but the native
// packages named here. A kind more (another set of entries) is a line more.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');

/** Kind of image -> the file in the image that starts something -> its source in dist/lib. */
const kinds = {
  serving: {
    server: 'server/container.entry.js',
    worker: 'server/worker.entry.js',
    'health-check': 'server/health-check.entry.js',
  },
  speech: {
    server: 'server/speech-container.entry.js',
    worker: 'recordings/worker.entry.js',
    'speech-thread': 'speech/worker.entry.js',
    'health-check': 'server/health-check.entry.js',
  },
  lambda: {
    lambda: 'lambda/lambda.entry.js',
    'speech-thread': 'speech/worker.entry.js',
  },
};

const licenceFile = 'THIRD-PARTY-LICENSES.txt';

/** Loaded from node_modules in the image, because they bring native libraries. */
const native = ['onnxruntime-node'];

/**
 * Never reached in an image: pacote fetches models, and its model is in it; DuckDB is the warehouse of a laptop; pg-native
 * is what pg would use if it were there.
 */
const unused = ['pacote', '@duckdb/node-api', 'pg-native'];

for (const [kind, entries] of Object.entries(kinds)) {
  const dir = join(root, 'dist', 'image', kind);
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, 'dist', 'lib', file)])),
    platform: 'node',
    external: [...native, ...unused],
    logLevel: 'warn',
  });
  // Not minified: a stack trace in a log has to say something, and the megabyte costs no time to load.
  const { output } = await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'lib-[name].mjs',
  });
  await bundle.close();
  writeFileSync(join(dir, licenceFile), licences(output.flatMap(({ moduleIds = [] }) => moduleIds)));
  const written = new Set([licenceFile, ...output.map(({ fileName }) => fileName)]);
  for (const file of readdirSync(dir)) if (!written.has(file)) rmSync(join(dir, file));
}

/** The licence of every package that is in the bundle, as its authors ask for. */
function licences(moduleIds) {
  const packages = new Map();
  for (const id of moduleIds) {
    const folder = id.includes('/node_modules/') ? packageFolder(dirname(id)) : undefined;
    if (folder !== undefined) packages.set(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  }
  const texts = [...packages].map(([folder, { name, version, license }]) => {
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'License.md', 'LICENSE-MIT']
      .map((candidate) => join(folder, candidate))
      .find(existsSync);
    const text = file === undefined ? '' : `\n${readFileSync(file, 'utf8').trim()}\n`;
    return `${name} ${version}\nLicence: ${license}\n${text}`;
  });
  return `${texts.sort().join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function packageFolder(folder) {
  for (let at = folder; basename(at) !== 'node_modules'; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version !== undefined) return at;
  }
  return undefined;
}
