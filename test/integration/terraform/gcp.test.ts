import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusedSets } from '../../support/gcp-refused-values.js';
import { allArguments, parseTemplates, readTemplates } from '../../support/hcl.js';
import { missingTool } from '../../support/required-tool.js';
import {
  copyTemplates,
  environment,
  findTerraform,
  installSchemaProvider,
  type TerraformResult,
  terraform,
} from '../../support/schema-provider/install.js';

const templates = join(import.meta.dirname, '../../../templates/terraform/gcp');
const fixtures = join(import.meta.dirname, '../../fixtures/terraform/gcp');
const installed = await findTerraform();
const skipped = installed === undefined ? missingTool('terraform', 'terraform is not installed') : '';
const folder = mkdtempSync(join(tmpdir(), 'mlops-gcp-'));
let env: NodeJS.ProcessEnv;
let infra: string;

beforeAll(async () => {
  if (installed === undefined) return;
  env = installSchemaProvider(folder, installed);
  infra = copyTemplates(templates, folder);
  const init = await terraform(infra, ['init', '-backend=false', '-input=false', '-no-color'], env);
  expect(init.stderr).toBe('');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(skipped !== '')(`the GCP templates in terraform ${skipped}`, () => {
  test('are formatted', async () => {
    for (const place of [templates, fixtures]) {
      expect(await terraform(place, ['fmt', '-check', '-recursive', '.'], environment())).toMatchObject({ stdout: '' });
    }
  });

  test('validate against the schema of the google provider', async () => {
    const result = await terraform(infra, ['validate', '-json'], env);
    expect(JSON.parse(result.stdout)).toMatchObject({ valid: true, diagnostics: [] });
  });

  test('a wrong argument, type and reference are found by terraform too', async () => {
    const broken = copyTemplates(infra, mkdtempSync(join(folder, 'broken-')));
    const wrong = ['name = google_compute_network.main[0].nam', 'colour = "red"', 'labels = "none"'];
    const resources = wrong.map((line, at) => `resource "google_compute_address" "wrong${at}" {\n  ${line}\n}\n`);
    writeFileSync(join(broken, 'wrong.tf'), resources.join(''));
    const { stdout } = await terraform(broken, ['validate', '-json'], env);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { summary: string; range: { start: { line: number } } }[];
    };
    const found = diagnostics.map(({ summary, range }) => `${range.start.line} ${summary}`);
    expect(found.sort()).toEqual([
      '2 Unsupported attribute',
      '4 Missing required argument',
      '5 Unsupported argument',
      '7 Missing required argument',
      '8 Incorrect attribute value type',
    ]);
  });

  test('every switch on and off', async () => {
    const place = copyTemplates(infra, mkdtempSync(join(folder, 'features-')));
    mkdirSync(join(place, 'tests'));
    const tests = readFileSync(join(fixtures, 'features.tftest.hcl'), 'utf8');
    writeFileSync(join(place, 'tests/features.tftest.hcl'), tests);
    const result = await terraform(place, ['test', '-no-color'], env);
    expect(result.stderr).toBe('');
    expect(result.stdout).toMatch(/Success! \d+ passed, 0 failed\./);
  });

  test('every validation refuses what it is there for, and says why', async () => {
    const place = copyTemplates(infra, mkdtempSync(join(folder, 'refused-')));
    mkdirSync(join(place, 'tests'));
    const sets = refusedSets();
    for (const [index, { values }] of sets.entries()) {
      const variables = { name: 'flight-delay', project: 'my-project', region: 'us-central1', ...values };
      const content = { mock_provider: { google: {} }, variables, run: { refused: { command: 'plan' } } };
      writeFileSync(join(place, `tests/case-${index}.tftest.json`), JSON.stringify(content));
    }
    const said = diagnosticsByFile(await terraform(place, ['test', '-json'], env));
    const silent = sets.flatMap(({ messages }, index) => {
      const all = said.get(`tests/case-${index}.tftest.json`) ?? [];
      return messages.filter((message) => !all.some((text) => text.includes(message)));
    });
    expect(silent).toEqual([]);
    expect(await neverSaid([...said.values()].flat())).toEqual([]);
  });
});

/** What terraform said about each test file, as one line of words. */
function diagnosticsByFile({ stdout }: TerraformResult): Map<string, string[]> {
  const said = new Map<string, string[]>();
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const event = JSON.parse(line) as { '@testfile'?: string; diagnostic?: { summary: string; detail: string } };
    const file = event['@testfile'];
    if (file === undefined || event.diagnostic === undefined) continue;
    said.set(file, [...(said.get(file) ?? []), `${event.diagnostic.summary} ${event.diagnostic.detail}`]);
  }
  return said;
}

/** Messages of the templates that no refused value has provoked. */
async function neverSaid(said: string[]): Promise<string[]> {
  const blocks = await parseTemplates(readTemplates(templates));
  const messages = blocks.flatMap(allArguments).filter(({ name }) => name === 'error_message');
  return messages
    .map(({ value }) => String(value).split('${')[0] ?? '')
    .filter((message) => !said.some((text) => text.includes(message)));
}

describe('the GCP templates with the google provider itself', () => {
  test('validate', async (context) => {
    if (installed === undefined) return context.skip(skipped);
    const place = copyTemplates(templates, mkdtempSync(join(folder, 'real-')));
    const own = environment({ TF_REGISTRY_CLIENT_TIMEOUT: '5', TF_REGISTRY_DISCOVERY_RETRY: '0' });
    const init = await terraform(place, ['init', '-backend=false', '-input=false', '-no-color'], own);
    if (init.exitCode !== 0) {
      return context.skip(missingTool('google-provider', 'the google provider cannot be had here'));
    }
    const result = await terraform(place, ['validate', '-json'], own);
    expect(JSON.parse(result.stdout)).toMatchObject({ valid: true, error_count: 0 });
  });
});
