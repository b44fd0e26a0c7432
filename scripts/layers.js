// The one table of who may import what. `node scripts/layers.js` writes it into biome.json as one override per folder;
// `scripts/lint-canary.js` plants a violation of every line and expects the linter to find it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Folder of src/lib -> the folders it may import. `commands` stands for src/commands. */
export const allowedImports = {
  base: [],
  platform: ['base'],
  slo: ['base'],
  transcript: ['base'],
  secrets: ['base', 'platform'],
  project: ['base', 'platform', 'slo', 'model'],
  model: ['base', 'platform'],
  inference: ['base', 'platform', 'model'],
  speech: ['base', 'platform', 'model', 'inference'],
  server: ['base', 'platform', 'slo', 'secrets', 'project', 'model', 'inference', 'speech', 'transcript'],
  warehouse: ['base', 'platform', 'project', 'secrets', 'transcript'],
  recordings: ['base', 'platform', 'project', 'model', 'inference', 'speech', 'transcript', 'warehouse'],
  lambda: [
    'base',
    'platform',
    'project',
    'secrets',
    'model',
    'inference',
    'speech',
    'transcript',
    'warehouse',
    'recordings',
  ],
  'load-test': ['base', 'platform', 'slo', 'secrets', 'project', 'model', 'inference'],
  infrastructure: ['base', 'platform', 'project', 'secrets'],
  image: ['base', 'platform', 'project', 'model'],
  deploy: ['base', 'platform', 'slo', 'secrets', 'project', 'model', 'inference', 'image', 'load-test'],
  monitoring: ['base', 'platform', 'slo', 'secrets', 'project'],
  cli: ['base', 'platform', 'project'],
};

/** Package (gitignore-style) -> the folders that are its one door. */
export const doors = {
  execa: ['platform/process'],
  'node:child_process': ['platform/process'],
  '@aws-sdk/**': ['platform/aws'],
  '@smithy/**': ['platform/aws'],
  '@aws-crypto/**': ['platform/aws'],
  'onnxruntime-node': ['inference'],
  pacote: ['platform/npm'],
  'llama-tokenizer-js': ['speech'],
  'mpg123-decoder': ['speech'],
  '@wasm-audio-decoders/**': ['speech'],
  'opus-decoder': ['speech'],
  autocannon: ['load-test'],
  '@secretlint/**': ['image'],
  '@grafana/**': ['monitoring'],
  listr2: ['cli'],
  '@oclif/**': ['cli', 'commands', 'main'],
  fastify: ['server'],
  '@duckdb/**': ['warehouse'],
  pg: ['warehouse'],
  '@fastify/**': ['server'],
  'cli-table3': ['cli'],
  'csv-stringify': ['recordings'],
};

/** Folders whose code never sees the process it runs in (only their `*.entry.ts` files may). */
export const processFree = Object.keys(allowedImports).filter((folder) => folder !== 'cli' && folder !== 'platform');

const deniedGlobals = {
  process: 'Values come in as arguments; only *.entry.ts, cli/ and platform/ touch the process.',
  console: 'Progress goes out through Reporter, results are returned.',
};

function overrides() {
  const folders = Object.keys(allowedImports);
  const sub = [...new Set(Object.values(doors).flat())].filter((place) => place.includes('/'));
  const list = folders.map((folder) => override(`src/lib/${folder}/**`, folder, [folder]));
  for (const place of sub) {
    const [folder = ''] = place.split('/');
    list.push(override(`src/lib/${place}/**`, folder, [folder, place]));
  }
  list.push(override('src/commands/**', 'commands', ['commands']));
  for (const folder of processFree) {
    list.push({
      includes: [`src/lib/${folder}/**`, '!**/*.entry.ts'],
      linter: {
        rules: {
          style: { noRestrictedGlobals: { level: 'error', options: { deniedGlobals } } },
          suspicious: { noConsole: 'error' },
        },
      },
    });
  }
  return list;
}

function override(glob, folder, places) {
  const patterns = [];
  const allowed = allowedImports[folder];
  if (allowed === undefined) {
    patterns.push({ group: ['**/commands/**'], message: 'A command never imports another command.' });
  } else {
    for (const other of [...Object.keys(allowedImports), 'commands']) {
      if (other === folder || allowed.includes(other)) continue;
      patterns.push({
        group: [`**/${other}/**`],
        message: `${folder}/ may not import ${other}/ (docs/architecture.md).`,
      });
    }
    if (processFree.includes(folder)) {
      patterns.push({ group: ['node:process', 'process'], message: deniedGlobals.process });
    }
  }
  for (const [name, owners] of Object.entries(doors)) {
    if (owners.some((owner) => places.includes(owner))) continue;
    patterns.push({ group: [name], message: `Only ${owners.join(', ')} may import ${name} (docs/architecture.md).` });
  }
  const options = { patterns };
  return {
    includes: [glob],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options } } } },
  };
}

/** biome.json as it has to be: everything but the overrides is edited by hand. */
export function expectedConfig() {
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  return { ...config, overrides: overrides() };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(join(root, 'biome.json'), `${JSON.stringify(expectedConfig(), null, 2)}\n`);
}
