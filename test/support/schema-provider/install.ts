import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readNameTable, tableFile } from '../name-table.js';

const program = 'terraform';

export interface Terraform {
  version: string;
  /** Such as `linux_amd64`. */
  platform: string;
}

export interface TerraformResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The terraform of this machine, or undefined. */
export async function findTerraform(): Promise<Terraform | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['version', '-json'], { env: environment() });
    const { terraform_version: version, platform } = JSON.parse(stdout) as Record<string, string>;
    return { version: version ?? '', platform: platform ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Makes the schema provider known to terraform as hashicorp/google, in `folder` only.
 * Returns the environment in which terraform finds it, and finds no other provider.
 */
export function installSchemaProvider(folder: string, { platform }: Terraform): NodeJS.ProcessEnv {
  const { provider, providerVersion } = readNameTable().source;
  const place = join(folder, 'mirror/registry.terraform.io', provider, providerVersion, platform);
  mkdirSync(place, { recursive: true });
  const executable = join(place, `terraform-provider-google_v${providerVersion}`);
  const main = join(import.meta.dirname, 'main.js');
  writeFileSync(executable, `#!/bin/sh\nexec "${process.execPath}" "${main}" "${tableFile}"\n`);
  chmodSync(executable, 0o755);
  const config = join(folder, 'terraformrc');
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${join(folder, 'mirror')}"\n  }\n}\n`,
  );
  // The provider speaks plain HTTP/2 on 127.0.0.1: it has no secrets to keep.
  return environment({ TF_CLI_CONFIG_FILE: config, TF_DISABLE_PLUGIN_TLS: '1' });
}

/** An environment without the settings and credentials of whoever runs the tests. */
export function environment(added: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(TF_|GOOGLE_|CLOUDSDK_|GCLOUD_)/.test(name));
  return { ...Object.fromEntries(kept), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', ...added };
}

/** Runs terraform to its end; a non-zero exit code is a result. */
export function terraform(cwd: string, args: string[], env: NodeJS.ProcessEnv): Promise<TerraformResult> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** A copy of the templates, to run terraform in. */
export function copyTemplates(from: string, folder: string): string {
  const to = join(folder, 'infra');
  cpSync(from, to, { recursive: true });
  return to;
}
