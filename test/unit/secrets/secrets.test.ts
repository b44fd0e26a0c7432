import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseProject } from '../../../src/lib/project/parse.js';
import { parseSecretReference } from '../../../src/lib/secrets/reference.js';
import { resolveSecret } from '../../../src/lib/secrets/resolve.js';
import { Secret } from '../../../src/lib/secrets/secret.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const planted = 'hunter2-planted';

test.each([
  ['env://API_KEY', { scheme: 'env', name: 'API_KEY', key: undefined }],
  ['file:///run/secrets/key', { scheme: 'file', name: '/run/secrets/key', key: undefined }],
  ['aws-sm://prod/db#password', { scheme: 'aws-sm', name: 'prod/db', key: 'password' }],
])('%s is a reference', (text, reference) => expect(parseSecretReference(text)).toEqual(reference));

test.each([planted, 'vault://x', 'env://', '', 'env:// X'])('a literal is refused and not repeated (%j)', (text) => {
  try {
    parseSecretReference(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'SECRET_NOT_A_REFERENCE', exitCode: 2 });
    expect(inspect(error)).not.toContain(planted);
    return;
  }
  throw new Error('it was accepted');
});

describe('resolving', () => {
  const sources = { env: { KEY: planted, EMPTY: '', DOC: `{"password":"${planted}"}` }, baseDir: '/' };

  test('from the environment, a file, and a member of a JSON document', async () => {
    const baseDir = await tempDir();
    await writeFile(join(baseDir, 'key'), `${planted}\n`);
    const texts = ['env://KEY', 'file://key', `file://${join(baseDir, 'key')}`, 'env://DOC#password'];
    for (const text of texts) {
      expect((await resolveSecret(text, { ...sources, baseDir })).reveal()).toBe(planted);
    }
  });

  test.each(['env://NONE', 'env://EMPTY', 'file://no/such/file', 'env://KEY#member', 'env://DOC#none'])(
    '%s is missing: exit 5, without the value',
    async (text) => {
      const error = await resolveSecret(text, sources).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'SECRET_MISSING', exitCode: 5 });
      expect(inspect(error)).not.toContain(planted);
    },
  );

  test.each(['aws-sm://name#key', 'aws-ssm://name', 'gcp-sm://name'])(
    'mlops.yaml: %s is refused when the file is read, with what is supported',
    async (reference) => {
      for (const yaml of [`grafana: { token: '${reference}' }`, `alarms: { page: { subscribe: ['${reference}'] } }`]) {
        const error = await errorOf(() => parseProject(yaml));
        expect(error.why).toMatch(/are not read: .* write env:\/\/NAME or file:\/\/PATH/);
        expect(error.why).not.toContain('name#key');
      }
    },
  );

  test('a kind that this version does not read is named', async () => {
    await expect(resolveSecret('aws-sm://name#key', sources)).rejects.toMatchObject({
      code: 'SECRET_SCHEME_UNSUPPORTED',
    });
  });
});

test('a secret cannot be printed by accident', () => {
  const secret = new Secret(planted);
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
  ];
  for (const text of printed) {
    expect(text).not.toContain(planted);
    expect(text).toContain('[redacted]');
  }
  expect(secret.reveal()).toBe(planted);
});
