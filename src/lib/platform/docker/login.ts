import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MlopsError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import { DockerClient } from './client.js';
import { daemonFailure, lastLine } from './errors.js';
import type { RegistryLogin } from './types.js';

/** What decides which daemon is talked to and how; the rest of the user's file is logins and where they are kept. */
const keptKeys = ['currentContext', 'proxies', 'HttpHeaders', 'cliPluginsExtraDirs', 'plugins', 'features'];
/** Folders of the docker configuration without which a context or a plugin would not be found. */
const linkedFolders = ['contexts', 'cli-plugins', 'buildx', 'tls'];

/**
 * Runs `work` with a client whose configuration folder is a new one with this login alone, removed afterwards; the user's
 * context, proxies and plugins apply. Without a login of its own, `docker login` would put the password into the user's
 * file or keychain. Throws PrerequisiteError `REGISTRY_LOGIN_REFUSED`.
 */
export async function withLogin<T>(
  client: DockerClient,
  login: RegistryLogin,
  work: (client: DockerClient) => Promise<T>,
): Promise<T> {
  const { env } = client.settings;
  const configDir = await mkdtemp(join(tmpdir(), 'mlops-docker-'));
  try {
    await inheritConfig(
      client.settings.configDir ?? env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'),
      configDir,
    );
    const loggedIn = new DockerClient({ ...client.settings, configDir });
    const { exitCode, stderr } = await client.settings.runner.run(
      'docker',
      ['--config', configDir, 'login', '--username', login.username, '--password-stdin', login.registry],
      { input: login.password },
    );
    if (exitCode !== 0) throw loginFailure(stderr, login.registry);
    return await work(loggedIn);
  } finally {
    await rm(configDir, { recursive: true, force: true });
  }
}

async function inheritConfig(from: string, to: string): Promise<void> {
  let config: Record<string, unknown> = {};
  try {
    config = JSON.parse(await readFile(join(from, 'config.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    // None, or one that docker would complain about itself: the defaults apply.
  }
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => keptKeys.includes(key)));
  await writeFile(join(to, 'config.json'), JSON.stringify(kept), { mode: 0o600 });
  for (const folder of linkedFolders) await symlink(join(from, folder), join(to, folder), 'junction');
}

function loginFailure(stderr: string, registry: string): MlopsError {
  return (
    daemonFailure(stderr) ??
    new PrerequisiteError(`${registry} refused the login`, {
      code: 'REGISTRY_LOGIN_REFUSED',
      why: lastLine(stderr),
      actions: ['Renew the credentials of the cloud, and run the command again'],
    })
  );
}
