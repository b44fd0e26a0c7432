import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Reporter } from '../../../src/lib/base/progress/reporter.js';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { declaredVariables } from '../../../src/lib/infrastructure/folder/declared.js';
import { collectVariables, writeVariables } from '../../../src/lib/infrastructure/folder/variables.js';
import { packagedTemplates, prepareWorkingFolder } from '../../../src/lib/infrastructure/folder/working-folder.js';
import { createRedactor } from '../../../src/lib/secrets/redact.js';
import { Secret } from '../../../src/lib/secrets/secret.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

let notes: string[];
const reporter: Reporter = {
  ...silentReporter,
  note: (text) => void notes.push(text),
  warn: (text) => void notes.push(text),
};

beforeEach(() => {
  notes = [];
});

async function templates(): Promise<string> {
  const dir = await tempDir();
  await mkdir(join(dir, 'aws', 'tests'), { recursive: true });
  await mkdir(join(dir, 'aws', '.terraform'));
  await writeFile(join(dir, 'gitignore'), '*.tfstate\n');
  await writeFile(join(dir, 'aws', 'main.tf'), 'resource "terraform_data" "a" {}\n');
  await writeFile(join(dir, 'aws', 'tests', 'a.tftest.hcl'), '');
  await writeFile(join(dir, 'aws', '.terraform', 'junk'), '');
  await writeFile(join(dir, 'aws', 'terraform.tfstate'), '{}');
  return dir;
}

describe('working folder', () => {
  test('templates are copied once, without state, and with a .gitignore', async () => {
    const project = await tempDir();
    const options = {
      dir: join(project, 'infra/aws'),
      label: 'infra/aws',
      cloud: 'aws' as const,
      templates: await templates(),
    };
    expect(await prepareWorkingFolder(options, reporter)).toEqual({ created: true });
    expect((await readdir(options.dir)).sort()).toEqual(['.gitignore', '.mlops-templates.json', 'main.tf', 'tests']);
    expect(await readdir(join(project, 'infra'))).toEqual(['aws']);

    await writeFile(join(options.dir, 'main.tf'), '# mine\n');
    expect(await prepareWorkingFolder(options, reporter)).toEqual({ created: false });
    expect(await readFile(join(options.dir, 'main.tf'), 'utf8')).toBe('# mine\n');
    expect(notes).toHaveLength(1);
  });

  test('a change of the templates is noted, and nothing is overwritten', async () => {
    const source = await templates();
    const options = {
      dir: join(await tempDir(), 'infra/aws'),
      label: 'infra/aws',
      cloud: 'aws' as const,
      templates: source,
    };
    await prepareWorkingFolder(options, reporter);
    await writeFile(join(source, 'aws', 'main.tf'), '# newer\n');
    await writeFile(join(source, 'aws', 'added.tf'), '');
    await prepareWorkingFolder(options, reporter);
    expect(notes.at(-1)).toContain('(added.tf, main.tf)');
    expect(await readdir(options.dir)).not.toContain('added.tf');
  });

  test('a folder with other things in it keeps them', async () => {
    const options = {
      dir: join(await tempDir(), 'infra/aws'),
      label: 'infra/aws',
      cloud: 'aws' as const,
      templates: await templates(),
    };
    await mkdir(options.dir, { recursive: true });
    await writeFile(join(options.dir, 'notes.txt'), 'mine');
    await prepareWorkingFolder(options, reporter);
    expect((await readdir(options.dir)).sort()).toEqual([
      '.gitignore',
      '.mlops-templates.json',
      'main.tf',
      'notes.txt',
      'tests',
    ]);
  });

  test.each(['aws', 'gcp'] as const)('the packaged templates for %s are found', async (cloud) => {
    const options = {
      dir: join(await tempDir(), 'infra', cloud),
      label: `infra/${cloud}`,
      cloud,
      templates: packagedTemplates,
    };
    await prepareWorkingFolder(options, reporter);
    const declared = await declaredVariables(options.dir);
    expect([...declared.keys()]).toEqual(expect.arrayContaining(['name', 'region']));
    expect(await readFile(join(options.dir, '.gitignore'), 'utf8')).toContain('tfstate');
  });
});

const hcl = `
# variable "commented" {}
variable "plain" {
  type    = string
  default = "with } brace and \${"nested \${"{"}"} "
}
variable "token" {
  description = <<-EOT
    sensitive = false } {
  EOT
  type = string
  sensitive = true # a comment }
  ephemeral = true
  validation {
    condition     = length(var.token) > 3
    error_message = "sensitive = false"
  }
}
/* variable "hidden" { */
variable "zones" { type = list(string) }
variable "nested" {
  type = object({
    sensitive = bool
  })
}
resource "x" "y" { z = "variable \\"no\\" {" }
`;

test('declared variables are found, and only what stands in their own block counts', async () => {
  const dir = await tempDir();
  await writeFile(join(dir, 'a.tf'), hcl);
  await writeFile(
    join(dir, 'b.tf.json'),
    JSON.stringify({ variable: { from_json: { type: 'string', sensitive: true } } }),
  );
  expect([...(await declaredVariables(dir)).values()]).toEqual([
    { name: 'plain', isString: true, sensitive: false, ephemeral: false },
    { name: 'token', isString: true, sensitive: true, ephemeral: true },
    { name: 'zones', isString: false, sensitive: false, ephemeral: false },
    { name: 'nested', isString: false, sensitive: false, ephemeral: false },
    { name: 'from_json', isString: true, sensitive: true, ephemeral: false },
  ]);
});

describe('variables', () => {
  const names = {
    plain: {},
    version: { isString: true },
    token: { sensitive: true, ephemeral: true },
    kept: { sensitive: true },
  };
  const declared = new Map(
    Object.entries(names).map(([name, rest]) => [
      name,
      { name, isString: false, sensitive: false, ephemeral: false, ...rest },
    ]),
  );
  const collect = (sources: { project?: object; explicit?: object; set?: string[] }, env = {}) =>
    collectVariables(
      { project: {}, explicit: {}, set: [], ...sources } as Parameters<typeof collectVariables>[0],
      declared,
      { env, baseDir: '.' },
      reporter,
    );

  test('the command line wins over mlops.yaml; JSON is JSON, a string stays as it is written', async () => {
    const { plain } = await collect({
      project: { plain: 1, undeclared: 1 },
      explicit: { version: '1.29' },
      set: ['plain=["a",2]', 'version=1.30'],
    });
    expect(plain).toEqual({ plain: ['a', 2], version: '1.30' });
    expect((await collect({ set: ['plain=text', 'version=null'] })).plain).toEqual({ plain: 'text', version: null });
  });

  test('an unknown variable is wrong usage', async () => {
    expect(await errorOf(() => collect({ set: ['plian=1'] }))).toMatchObject({ code: 'VARIABLE_UNKNOWN', exitCode: 2 });
    expect(await errorOf(() => collect({ explicit: { nope: 1 } }))).toMatchObject({ code: 'VARIABLE_UNKNOWN' });
    expect(await errorOf(() => collect({ set: ['oops'] }))).toMatchObject({ code: 'SET_MALFORMED', exitCode: 2 });
  });

  test('a reference becomes a secret for the environment and is not in the file', async () => {
    const { plain, secret } = await collect({ set: ['token=env://TOKEN'] }, { TOKEN: 'planted' });
    expect(secret.token?.reveal()).toBe('planted');
    expect(plain).toEqual({});
    expect(notes).toEqual([]);
  });

  test('a secret that terraform would keep in its state is warned of', async () => {
    await collect({ set: ['kept=env://TOKEN'] }, { TOKEN: 'planted' });
    expect(notes.join()).toContain("Terraform keeps the value of 'kept' in its state");
  });

  test('a literal where a secret belongs, and a secret where none is expected, are refused without repeating it', async () => {
    const literal = await errorOf(() => collect({ set: ['token=planted'] }));
    expect(literal).toMatchObject({ code: 'SECRET_NOT_A_REFERENCE', exitCode: 2 });
    expect(JSON.stringify(literal)).not.toContain('planted');
    const astray = await errorOf(() => collect({ set: ['plain=env://TOKEN'] }, { TOKEN: 'planted' }));
    expect(astray).toMatchObject({ code: 'VARIABLE_NOT_SENSITIVE', exitCode: 2 });
    const missing = await errorOf(() => collect({ set: ['token=env://NOPE'] }));
    expect(missing).toMatchObject({ code: 'SECRET_MISSING', exitCode: 5 });
  });

  test('the file says that it is generated and is replaced as a whole', async () => {
    const dir = await tempDir();
    await writeVariables(dir, { name: 'a', old: 1 });
    await writeVariables(dir, { name: 'b' });
    const text = await readFile(join(dir, 'terraform.tfvars.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ '//': expect.stringContaining('Generated'), name: 'b' });
    expect(await readdir(dir)).toEqual(['terraform.tfvars.json']);
  });
});

test('secrets are taken out of texts: plain, inside JSON, and line by line', () => {
  const redact = createRedactor([new Secret('pa"ss'), new Secret('first line\nsecond line'), new Secret('abc')]);
  expect(redact('a pa"ss b')).toBe('a [redacted] b');
  expect(redact(JSON.stringify({ a: 'pa"ss' }))).toBe('{"a":"[redacted]"}');
  expect(redact('x second line y')).toBe('x [redacted] y');
  // Too short to be a secret: it would take words apart.
  expect(redact('abcdef')).toBe('abcdef');
});
