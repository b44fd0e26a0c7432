import type { DockerClient } from './client.js';
import type { Builder, DockerDaemon } from './types.js';

interface Versions {
  readonly Client?: { readonly Version?: string; readonly Arch?: string };
  readonly Server?: { readonly Version?: string; readonly Arch?: string } | null;
}

/** Asks the daemon who it is, and the client which builder it has. */
export async function describeDaemon(client: DockerClient): Promise<DockerDaemon> {
  const text = await client.call(['version', '--format', '{{json .}}'], { what: 'say its version' });
  const { Client, Server } = JSON.parse(text) as Versions;
  const clientVersion = Client?.Version ?? 'unknown';
  const builder = await findBuilder(client, clientVersion);
  return {
    clientVersion,
    serverVersion: Server?.Version ?? 'unknown',
    architecture: Server?.Arch ?? Client?.Arch ?? 'unknown',
    builder,
    note: builder === 'legacy' ? legacyNote(client) : undefined,
  };
}

/**
 * Since version 23 the client reaches BuildKit through the plugin buildx, which not every package brings along; before,
 * it could do so itself. Without either there is the builder of old: a client that is told to use BuildKit then fails.
 */
async function findBuilder(client: DockerClient, clientVersion: string): Promise<Builder> {
  if (client.settings.env.DOCKER_BUILDKIT === '0') return 'legacy';
  const buildx = await client.call(['buildx', 'version'], { what: 'say whether it has buildx', allow: /./ });
  if (buildx !== undefined) return 'buildx';
  return Number.parseInt(clientVersion, 10) < 23 ? 'buildkit' : 'legacy';
}

function legacyNote(client: DockerClient): string {
  const reason =
    client.settings.env.DOCKER_BUILDKIT === '0' ? 'DOCKER_BUILDKIT is 0' : 'the docker client has no buildx plugin';
  return `Building with Docker's legacy builder: ${reason}. It takes longer.`;
}
