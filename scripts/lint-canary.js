// A linter that finds nothing may be a linter that looks at nothing. This plants one violation per import rule in a
// copy of the tree and fails unless every single one is reported, and unless biome.json matches scripts/layers.js.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allowedImports, doors, expectedConfig, processFree } from './layers.js';

const root = join(import.meta.dirname, '..');
const canaries = [...layerCanaries(), ...doorCanaries(), ...processCanaries(), ...otherCanaries()];

function layerCanaries() {
  return Object.entries(allowedImports).flatMap(([folder, allowed]) =>
    [...Object.keys(allowedImports), 'commands']
      .filter((other) => other !== folder && !allowed.includes(other))
      .map((other) => ({
        file: `src/lib/${folder}/canary-imports-${other}.ts`,
        text: `import type { X } from '${other === 'commands' ? '../../commands/x.js' : `../${other}/x.js`}';\nexport type Y = X;\n`,
        rule: 'noRestrictedImports',
      })),
  );
}

function doorCanaries() {
  return Object.entries(doors).flatMap(([name, owners]) => {
    const specifier = name.replace('/**', '/x');
    return [...Object.keys(allowedImports), 'commands']
      .filter((folder) => !owners.some((owner) => owner === folder))
      .map((folder) => ({
        file: `${folder === 'commands' ? 'src/commands' : `src/lib/${folder}`}/canary-${specifier.replace(/\W/g, '-')}.ts`,
        text: `import * as door from '${specifier}';\nexport const value = door;\n`,
        rule: 'noRestrictedImports',
      }));
  });
}

function processCanaries() {
  return processFree.flatMap((folder) => [
    {
      file: `src/lib/${folder}/canary-env.ts`,
      text: 'export const home = process.env.HOME;\n',
      rule: 'noRestrictedGlobals',
    },
    {
      file: `src/lib/${folder}/canary-exit.ts`,
      text: 'export const exit = () => process.exit(1);\n',
      rule: 'noRestrictedGlobals',
    },
    {
      file: `src/lib/${folder}/canary-log.ts`,
      text: "export const log = () => console.log('x');\n",
      rule: 'noConsole',
    },
    {
      file: `src/lib/${folder}/canary-process.ts`,
      text: "import { env } from 'node:process';\nexport const home = env.HOME;\n",
      rule: 'noRestrictedImports',
    },
  ]);
}

function otherCanaries() {
  return [
    {
      file: 'src/commands/canary-command.ts',
      text: "import type { X } from '../commands/serve.js';\nexport type Y = X;\n",
      rule: 'noRestrictedImports',
    },
    {
      file: 'src/lib/base/canary-a.ts',
      text: "import { b } from './canary-b.js';\nexport const a = () => b();\n",
      rule: 'noImportCycles',
    },
    {
      file: 'src/lib/base/canary-b.ts',
      text: "import { a } from './canary-a.js';\nexport const b = () => a();\n",
      rule: 'noImportCycles',
    },
    { file: 'src/lib/base/canary-barrel.ts', text: "export * from './units.js';\n", rule: 'noBarrelFile' },
  ];
}

function fail(message) {
  process.stderr.write(`lint canary: ${message}\n`);
  process.exitCode = 1;
}

if (JSON.stringify(JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))) !== JSON.stringify(expectedConfig())) {
  fail('biome.json is not what scripts/layers.js makes of it: run `node scripts/layers.js`');
}

const copy = mkdtempSync(join(tmpdir(), 'mlops-canary-'));
try {
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  cpSync(join(root, 'biome.json'), join(copy, 'biome.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, text } of canaries) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', 'src'];
  const { stdout } = spawnSync(process.execPath, [biome, ...args], { cwd: copy, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const found = new Set(
    JSON.parse(stdout).diagnostics.map(
      ({ category, location }) => `${location.path.file ?? location.path} ${category.split('/').at(-1)}`,
    ),
  );
  const missed = canaries.filter(({ file, rule }) => !found.has(`${file} ${rule}`));
  for (const { file, rule } of missed) fail(`${rule} did not find ${file}`);
  if (missed.length === 0) process.stdout.write(`lint canary: all ${canaries.length} planted violations were found\n`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
