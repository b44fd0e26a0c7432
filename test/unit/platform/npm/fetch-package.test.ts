import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fetchPackage } from '../../../../src/lib/platform/npm/fetch-package.js';
import { errorOf } from '../../../support/errors.js';
import { npmRegistry, pack } from '../../../support/speech/npm-registry.js';
import { tempDir } from '../../../support/temp-dir.js';

const content = Buffer.alloc(200_000, 'model');
const packed = pack('@owner/model', '1.2.3', { 'dist/model.onnx': content });

describe('fetching a package from a registry', () => {
  test('unpacks it, runs nothing, and tells of the bytes that came', async () => {
    const registry = await npmRegistry([packed]);
    const into = join(await tempDir(), 'unpacked');
    const seen: number[] = [];
    await fetchPackage(packed.wanted, into, {
      config: { registry: registry.url },
      onBytes: (bytes) => seen.push(bytes),
    });
    expect(await readFile(join(into, 'dist/model.onnx'))).toEqual(content);
    expect(seen.at(-1)).toBe(packed.archive.length);
    expect(existsSync(`${into}.tgz`)).toBe(false);
    expect(registry.asked).toHaveLength(2);
  });

  test('a registry of a scope is asked before the other one', async () => {
    const registry = await npmRegistry([packed]);
    const config = { registry: 'http://127.0.0.1:9', '@owner:registry': registry.url };
    await fetchPackage(packed.wanted, join(await tempDir(), 'unpacked'), { config });
    expect(registry.asked[0]).toBe('/@owner/model');
  });

  test('an archive that is not the one of the integrity is refused before it is unpacked', async () => {
    const other = pack('@owner/model', '1.2.3', { 'dist/model.onnx': Buffer.from('another') });
    const registry = await npmRegistry([other]);
    const into = join(await tempDir(), 'unpacked');
    const error = await errorOf(() => fetchPackage(packed.wanted, into, { config: { registry: registry.url } }));
    expect(error).toMatchObject({ code: 'PACKAGE_INTEGRITY', exitCode: 1 });
    expect(existsSync(into)).toBe(false);
  });

  test('an archive that was changed on its way is refused, whatever the registry says of it', async () => {
    const registry = await npmRegistry([packed], (request, response) => {
      if (request.url?.endsWith('.tgz') !== true) return false;
      response.end(Buffer.concat([packed.archive.subarray(0, -8), Buffer.alloc(8)]));
      return true;
    });
    const into = join(await tempDir(), 'unpacked');
    const error = await errorOf(() => fetchPackage(packed.wanted, into, { config: { registry: registry.url } }));
    expect(error).toMatchObject({ code: 'PACKAGE_INTEGRITY' });
    expect(existsSync(into)).toBe(false);
  });

  test('a package that the registry does not have', async () => {
    const registry = await npmRegistry([]);
    const error = await errorOf(() => fetchPackage(packed.wanted, '/nowhere', { config: { registry: registry.url } }));
    expect(error).toMatchObject({ code: 'PACKAGE_NOT_FOUND', exitCode: 1 });
    expect(String(error)).toContain('@owner/model@1.2.3');
  });

  test.each(['the description', 'the archive'])('a registry that goes silent before %s', async (when) => {
    const registry = await npmRegistry([packed], (request, response) => {
      const isArchive = request.url?.endsWith('.tgz') === true;
      if (when === 'the archive' && !isArchive) return false;
      if (isArchive) response.write(packed.archive.subarray(0, 100));
      return true;
    });
    const options = { config: { registry: registry.url }, silenceMs: 200 };
    const into = join(await tempDir(), 'x');
    const error = await errorOf(() => fetchPackage(packed.wanted, into, options));
    expect(error).toMatchObject({ code: 'REGISTRY_SILENT', exitCode: 5, why: 'Nothing came for 200 ms.' });
  });

  test('no registry at all: a prerequisite is missing, and no password of the address is told', async () => {
    const options = { config: { registry: 'http://me:secret@127.0.0.1:9/npm' } };
    const into = join(await tempDir(), 'x');
    const error = await errorOf(() => fetchPackage(packed.wanted, into, options));
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', exitCode: 5 });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('an abort ends it with the reason of the signal, in the middle of the archive too', async () => {
    const abort = new AbortController();
    const registry = await npmRegistry([packed], (request, response) => {
      if (request.url?.endsWith('.tgz') !== true) return false;
      response.write(packed.archive.subarray(0, 100), () => setImmediate(() => abort.abort(new Error('enough'))));
      return true;
    });
    const options = { config: { registry: registry.url }, signal: abort.signal };
    await expect(fetchPackage(packed.wanted, join(await tempDir(), 'x'), options)).rejects.toThrow('enough');
  });
});
