import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Options of pacote, by the names of its documentation. Holds the user's tokens: never print it. */
export type NpmConfig = Readonly<Record<string, unknown>>;

export interface NpmSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
}

/** npm's setting -> pacote's option. */
const known: Readonly<Record<string, string>> = {
  registry: 'registry',
  proxy: 'proxy',
  'https-proxy': 'httpsProxy',
  noproxy: 'noProxy',
  ca: 'ca',
  cafile: 'cafile',
  'strict-ssl': 'strictSSL',
};

/**
 * What npm itself would be told about registries: `npm_config_*` of the environment before the user's `.npmrc`
 * (https://docs.npmjs.com/cli/configuring-npm/npmrc). A project's `.npmrc` is not read: a folder that somebody else wrote
 * must not decide where a model comes from.
 */
export async function npmConfig({ env, home }: NpmSettings): Promise<NpmConfig> {
  const fromEnv = settingsOfEnv(env);
  const file = fromEnv.get('userconfig') ?? join(home, '.npmrc');
  const fromFile = settingsOfFile(await readFile(file, 'utf8').catch(() => ''), env);
  const config: Record<string, unknown> = {};
  for (const [name, value] of [...fromFile, ...fromEnv]) {
    // Of a scope (`@scope:registry`) or of a host (`//host/:_authToken`): pacote takes them under the same names.
    const option = name.startsWith('@') || name.startsWith('//') ? name : known[name];
    if (option !== undefined && value !== '') config[option] = option === 'strictSSL' ? value !== 'false' : value;
  }
  const { cafile, ...options } = config;
  if (typeof cafile === 'string') options.ca ??= await readFile(cafile, 'utf8');
  return options;
}

function settingsOfEnv(env: NpmSettings['env']): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [variable, value] of Object.entries(env)) {
    const name = /^npm_config_(.+)$/i.exec(variable)?.[1];
    if (name === undefined || value === undefined) continue;
    // As npm does: the rest in lower case, and every underscore but a leading one is a dash.
    const scoped = name.startsWith('@') || name.startsWith('//');
    settings.set(scoped ? name : name.toLowerCase().replace(/(?!^)_/g, '-'), value);
  }
  return settings;
}

function settingsOfFile(text: string, env: NpmSettings['env']): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^;#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const value = match[2].replace(/^(["'])(.*)\1$/, '$2');
    settings.set(
      match[1],
      value.replace(/\$\{([^}]+)\}/g, (whole, name: string) => env[name] ?? whole),
    );
  }
  return settings;
}

/** `npmConfig` of this process and its user. */
export async function userNpmConfig(): Promise<NpmConfig> {
  return npmConfig({ env: process.env, home: homedir() });
}
