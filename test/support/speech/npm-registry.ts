import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { NpmPackage } from '../../../src/lib/platform/npm/fetch-package.js';

export interface TestRegistry {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

export interface PackedPackage {
  readonly wanted: NpmPackage;
  readonly archive: Buffer;
}

/** A package version as npm packs it: every file below `package/`. */
export function pack(name: string, version: string, files: Readonly<Record<string, Uint8Array>>): PackedPackage {
  const all = { 'package.json': Buffer.from(JSON.stringify({ name, version })), ...files };
  const blocks = Object.entries(all).flatMap(([path, content]) => tarEntry(`package/${path}`, content));
  const archive = gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  return { wanted: { name, version, integrity }, archive };
}

/** A registry on this machine. `answer` may take a request over and returns whether it did. */
export async function npmRegistry(
  packages: readonly PackedPackage[],
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<TestRegistry> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    if (answer(request, response)) return;
    const found = packages.find(({ wanted }) => path.startsWith(`/${wanted.name}`));
    if (found === undefined) response.writeHead(404).end('{}');
    else if (path.endsWith('.tgz')) response.end(found.archive);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(found, url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url, asked };
}

function packument({ wanted: { name, version, integrity } }: PackedPackage, url: string): unknown {
  const dist = { tarball: `${url}/${name}/-/archive-${version}.tgz`, integrity };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
}

/** One file in the ustar format (POSIX.1-1988). */
function tarEntry(path: string, content: Uint8Array): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)];
}
