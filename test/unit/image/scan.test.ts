import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImagePlan, PlannedFile } from '../../../src/lib/image/context/plan.js';
import { refuseSecrets, scanPlan } from '../../../src/lib/image/scan/scan.js';
import { catalogPath } from '../../../src/lib/model/catalog.js';
import { tempDir } from '../../support/temp-dir.js';

// Made as the tests run, so that no scanner takes this file for one that holds secrets.
const accessKey = ['AKIA', 'QWERTYUIOPASDFG2'].join('');
const secretKey = randomBytes(60).toString('base64').replace(/[+/=]/g, 'x').slice(0, 40);
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encrypted = rsa.privateKey
  .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();

function planOf(files: readonly PlannedFile[]): ImagePlan {
  return { dockerfile: '', layers: [{ name: 'model', files }], buildArgs: {}, labels: {} };
}

/** What is found in a file of this name, as `name:line kind`. */
async function scan(name: string, content: string | Uint8Array): Promise<string[]> {
  const file = join(await tempDir(), name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const { findings, files } = await scanPlan(planOf([{ path: `/app/model/${name}`, from: { file } }]));
  expect(files).toBe(1);
  expect(JSON.stringify(findings)).not.toMatch(new RegExp(`${accessKey}|${secretKey}|hunter2|PRIVATE`));
  return findings.map((finding) => `${finding.file === file ? name : finding.file}:${finding.line} ${finding.kind}`);
}

const serviceAccount = JSON.stringify(
  { type: 'service_account', project_id: 'p', private_key_id: 'ab', private_key: pem },
  null,
  2,
);
const kubeconfig = (user: string) =>
  `apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: me\n  user:\n    ${user}\n`;

describe('what is a secret', () => {
  test.each([
    ['.env', '# settings\nDB_PASSWORD=hunter2\n', '.env:2 .env file'],
    ['.env.production', 'A=1', '.env.production:1 .env file'],
    ['key.txt', `first\n${pem}`, 'key.txt:2 private key'],
    ['old.pem', encrypted, 'old.pem:1 private key'],
    ['id_ed25519', 'whatever is in it', 'id_ed25519:1 SSH private key'],
    ['keys.p12', new Uint8Array([0, 1, 2]), 'keys.p12:undefined key store'],
    ['card.json', `{\n "note": "${accessKey}"\n}`, 'card.json:2 AWS access key'],
    ['config', `aws_secret_access_key = ${secretKey}`, 'config:1 AWS secret access key'],
    ['sa.json', serviceAccount, 'sa.json:5 service account key'],
    ['adc.json', '{"type": "authorized_user",\n"refresh_token": "1//abc"}', 'adc.json:2 Google Cloud credentials'],
    ['cluster.yaml', kubeconfig('token: abc.def.ghi'), 'cluster.yaml:7 kubeconfig'],
    ['cluster.yml', kubeconfig('client-key-data: LS0tLS1CRUdJTi='), 'cluster.yml:7 kubeconfig'],
    ['cluster.json', '{"kind": "Config",\n"users": [{"user":\n{"token": "abc"}}]}', 'cluster.json:3 kubeconfig'],
    ['.kube/config', 'apiVersion: v1', '.kube/config:1 kubeconfig'],
    ['docker.json', '{"auths": {\n "ghcr.io": {"auth": "bWU6bWU="}}}', 'docker.json:2 Docker login'],
    ['.docker/config.json', '{}', '.docker/config.json:1 Docker login'],
    ['.npmrc', '//registry.example/:_authToken=abcdef', '.npmrc:1 npm login'],
    ['terraform.tfstate', '{}', 'terraform.tfstate:1 Terraform state'],
    ['cache.txt', 'redis://:hunter2@cache:6379', 'cache.txt:1 basic auth'],
    ['short.txt', 'https://user:pw@host', 'short.txt:1 basic auth'],
    ['db.txt', 'see postgres://me:hunter2@db.example.com/flights', 'db.txt:1 postgre SQL connection'],
  ])('%s', async (name, content, expected) => {
    const found = await scan(name, content);
    expect(found).toHaveLength(1);
    expect(found[0]?.toLowerCase()).toBe(expected.toLowerCase());
  });

  const dockerLogin = JSON.stringify({ auths: { 'ghcr.io': { auth: 'bWU6bWU=' } } });
  const [first = '', ...others] = accessKey;
  const escaped = `\\u00${first.charCodeAt(0).toString(16)}${others.join('')}`;
  const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6y'].join('.');
  const texts = [
    ['Docker login', dockerLogin],
    ['kubeconfig', kubeconfig('token: abc.def.ghi')],
    ['basic auth', 'https://me:hunter2@db.test/flights'],
    ['Google API key', `AI${'za'}${'b'.repeat(35)}`],
    ['Azure storage key', `Account${'Key='}${'c'.repeat(86)}==`],
    ['OpenAI key', `sk-${'proj-'}${'d'.repeat(60)}`],
    ['JSON Web Token', jwt],
    ['GitHub token', `gh${'p_'}${'e'.repeat(36)}`],
    ['postgre SQL connection', 'postgres://me:hunter2@db.example.com/flights'],
    ['AWS secret access key', `aws_secret_access_key = ${secretKey}`],
  ] as const;

  test.each(texts)('%s in a string of a model card, and in the metadata of a model', async (kind, text) => {
    const card = JSON.stringify({ name: 'a', description: `see\n${text}\n` }, null, 2);
    expect((await scan('card.json', card)).map((found) => found.toLowerCase())).toEqual([
      `card.json:3 ${kind}`.toLowerCase(),
    ]);
    const model = Buffer.concat([Buffer.alloc(100), Buffer.from(`\0note\0${text}\n`), randomBytes(100)]);
    const inModel = await scan('model.onnx', model);
    expect(inModel.map((found) => found.toLowerCase())).toContain(`model.onnx:undefined ${kind}`.toLowerCase());
  });

  test('letters that are escaped are letters, and labels are looked at', async () => {
    expect(await scan('card.json', `{\n"note": "${escaped}"}`)).toEqual(['card.json:2 AWS access key']);
    const { findings } = await scanPlan({ ...planOf([]), labels: { 'org.example': `by ${accessKey}` } });
    expect(findings).toEqual([{ file: 'the labels of the image', line: undefined, kind: 'AWS access key' }]);
  });

  test('in what is made of mlops.yaml, with the line of that file', async () => {
    const madeOf = join(await tempDir(), 'mlops.yaml');
    await writeFile(madeOf, `# flights\nserve:\n  port: 8080\nname: >-\n  ${accessKey}\n`);
    const text = JSON.stringify({ format: 1, name: accessKey, other: `x ${accessKey}` }, null, 2);
    const { findings } = await scanPlan(planOf([{ path: '/app/mlops.resolved.json', from: { text, madeOf } }]));
    expect(findings.map(({ file, line }) => [file, line])).toEqual([
      [madeOf, 4],
      [madeOf, undefined],
    ]);
  });

  test('in the name of a base image', async () => {
    const BASE = `registry.test/${accessKey}:1`;
    const { findings } = await scanPlan({ ...planOf([]), buildArgs: { BASE } });
    expect(findings).toEqual([{ file: 'the base image', line: undefined, kind: 'AWS access key' }]);
  });

  test('every line that has one is named', async () => {
    expect(await scan('a.txt', `${accessKey}\nx\n${accessKey}`)).toEqual([
      'a.txt:1 AWS access key',
      'a.txt:3 AWS access key',
    ]);
  });

  test('in a binary file too, even across the pieces that it is read in', async () => {
    const noise = randomBytes(3 * 2 ** 20);
    noise.write(`\u0000${accessKey}\u0000`, 2 ** 20 - 10, 'latin1');
    expect(await scan('weights.bin', noise)).toEqual(['weights.bin:undefined AWS access key']);
    const withKey = Buffer.concat([Buffer.alloc(100), Buffer.from(pem), Buffer.alloc(100)]);
    expect(await scan('model.onnx', withKey)).toEqual(['model.onnx:undefined private key']);
  });

  test('in what is made of mlops.yaml, by the name of that file', async () => {
    const from = { text: JSON.stringify({ name: accessKey }), madeOf: 'mlops.yaml' };
    const { findings } = await scanPlan(planOf([{ path: '/app/mlops.resolved.json', from }]));
    expect(findings).toEqual([{ file: 'mlops.yaml', line: undefined, kind: 'AWS access key' }]);
  });
});

describe('what only looks like one', () => {
  const certificate = `-----BEGIN CERTIFICATE-----\n${randomBytes(300).toString('base64')}\n-----END CERTIFICATE-----\n`;
  test.each([
    ['certificate.pem', certificate],
    ['public.pem', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['id_ed25519.pub', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@here'],
    ['.env.example', 'DB_PASSWORD=\n'],
    ['environment.env.md', 'Copy .env.example to .env'],
    ['card.json', '{"description": "Predicts whether a password is weak", "token": "a word of a text"}'],
    ['notes.txt', 'password: see the vault. https://user:password@example.com AKIAIOSFODNN7EXAMPLE'],
    [
      'urls.txt',
      'https://me:<pw>@h.test http://u:{pw}@h.test https://u:password@h.test http://a:b1@example.com/ http://h:80/@x',
    ],
    ['writer.js', 'const begin = "-----BEGIN PRIVATE KEY-----"; const end = "-----END PRIVATE KEY-----";'],
    ['map.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  users: "3"\n  token: none\n'],
    ['settings.yaml', 'kind: Config\nlevel: info\n'],
    ['docker.json', '{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}'],
    ['.npmrc', 'registry=https://registry.example\n//registry.example/:_authToken=' + '$' + '{NPM_TOKEN}\n'],
    ['digests.json', JSON.stringify({ sha256: '093bb3e0629b57164550259e7429d3a82207a295e54e206202664bc69e56b715' })],
    ['keystore.md', 'How a .jks file is made'],
    ['reference.json', '{"password": "env://DB_PASSWORD"}'],
  ])('%s', async (name, content) => {
    expect(await scan(name, content)).toEqual([]);
  });

  test('the bundled model, ONNX Runtime and weights of random numbers', async () => {
    expect(await scan('model.onnx', await readFile(catalogPath('flight-delay') as string))).toEqual([]);
    const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
    const library = await readFile(join(runtime, 'bin/napi-v6/linux/x64/libonnxruntime.so.1'));
    expect(await scan('libonnxruntime.so.1', library)).toEqual([]);
    expect(await scan('weights.bin', randomBytes(8 * 2 ** 20))).toEqual([]);
  });
});

test('the build stops with every place, in words, and exit code 2', () => {
  const findings = [
    { file: 'm.json', line: 3, kind: 'AWS access key' },
    { file: 'm.onnx', line: undefined, kind: 'private key' },
  ];
  expect(() => refuseSecrets([])).not.toThrow();
  expect(() => refuseSecrets(findings)).toThrowError(
    expect.objectContaining({
      code: 'SECRETS_FOUND',
      exitCode: 2,
      why: 'm.json:3: AWS access key\nm.onnx: private key',
    }),
  );
});
