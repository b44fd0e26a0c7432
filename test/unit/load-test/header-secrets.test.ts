import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveHeaderSecrets } from '../../../src/lib/load-test/header-secrets.js';
import { tempDir } from '../../support/temp-dir.js';

test('a reference at the end of a header is replaced by its secret', async () => {
  const baseDir = await tempDir();
  await writeFile(join(baseDir, 'key'), 'from-file\n');
  const headers = ['Authorization: Bearer env://TOKEN', 'X-Api-Key: file://key', 'X-Key:env://TOKEN'];
  const resolved = await resolveHeaderSecrets(headers, { env: { TOKEN: 'abc' }, baseDir });
  expect(resolved).toEqual(['Authorization: Bearer abc', 'X-Api-Key: from-file', 'X-Key:abc']);
});

test('other headers stay as they are', async () => {
  const headers = ['Accept: application/json', 'Referer: https://example.com/env', 'X-Note: see env:// later'];
  expect(await resolveHeaderSecrets(headers, { env: {}, baseDir: '/' })).toEqual(headers);
});

test('a secret that is not there ends the test before it begins', async () => {
  await expect(resolveHeaderSecrets(['X-Key: env://NONE'], { env: {}, baseDir: '/' })).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    exitCode: 5,
  });
});
