import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireOrSkip } from './requirements.js';

/** Where machines without a network keep providers; the first is terraform's own implied mirror. */
const mirrorPlaces = [
  join(homedir(), '.terraform.d', 'plugins'),
  '/usr/share/terraform/plugins',
  '/usr/local/share/terraform/plugins',
  '/opt',
];
const awsProvider = join('registry.terraform.io', 'hashicorp', 'aws');

export const hasTerraform = requireOrSkip('terraform', spawnSync('terraform', ['version']).status === 0);

/** A folder that holds the AWS provider in the layout of a filesystem mirror; undefined: terraform downloads it. */
function findMirror(): string | undefined {
  const { TF_PLUGIN_MIRROR } = process.env;
  const direct = [...(TF_PLUGIN_MIRROR === undefined ? [] : [TF_PLUGIN_MIRROR]), ...mirrorPlaces];
  const below = mirrorPlaces.filter(existsSync).flatMap((place) => readdirSync(place).map((name) => join(place, name)));
  return [...direct, ...below].find((place) => existsSync(join(place, awsProvider)));
}

/** A CLI configuration, written into `dir`, that takes the AWS provider from the mirror and everything else as usual. */
export function terraformEnv(dir: string): Record<string, string> {
  const file = join(dir, 'terraform.rc');
  const mirror = findMirror();
  const include = 'include = ["registry.terraform.io/hashicorp/aws"]';
  const rules =
    mirror === undefined
      ? ''
      : `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n    ${include}\n  }\n  direct {\n    exclude = ["registry.terraform.io/hashicorp/aws"]\n  }\n}\n`;
  writeFileSync(file, rules);
  return { TF_CLI_CONFIG_FILE: file, CHECKPOINT_DISABLE: '1' };
}
