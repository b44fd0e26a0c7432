import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '../files/write.js';

/** A kubeconfig for this command alone, with a cache of its own beside it; nobody else can read it. */
export interface PrivateKubeconfig {
  readonly path: string;
  readonly cacheDir: string;
  write(content: string): Promise<void>;
  remove(): Promise<void>;
}

/** It is removed when the process ends, too, however it is told to. */
export async function createPrivateKubeconfig(): Promise<PrivateKubeconfig> {
  // mkdtemp makes a folder of mode 0700.
  const dir = await mkdtemp(join(tmpdir(), 'mlops-kube-'));
  const path = join(dir, 'config');
  const removeNow = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', removeNow);
  return {
    path,
    cacheDir: join(dir, 'cache'),
    write: async (content) => void (await writeAtomically(path, content, 0o600)),
    async remove() {
      process.off('exit', removeNow);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A kubeconfig with one cluster, one user and one context, as kubectl reads it (JSON is YAML). */
export function kubeconfigText(cluster: {
  readonly name: string;
  readonly server: string;
  readonly certificateAuthority: string;
  /** The name in the server's certificate, when it is reached under another one. */
  readonly tlsServerName?: string | undefined;
  readonly token: string;
}): string {
  const { name, server, certificateAuthority, tlsServerName, token } = cluster;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          'certificate-authority-data': certificateAuthority,
          ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
