import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Confirm } from '../../src/lib/base/progress/confirm.js';
import { silentReporter } from '../../src/lib/base/progress/reporter.js';
import type { InfrastructureDeps } from '../../src/lib/infrastructure/deps.js';
import { parseProject } from '../../src/lib/project/parse.js';
import type { Project } from '../../src/lib/project/project.js';
import { fakeAws } from './fake-aws.js';
import { tempDir } from './temp-dir.js';

/** A Confirm that answers with `answer` and remembers what it was asked. */
export function answering(answer: boolean): Confirm & { readonly questions: string[] } {
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answer;
  };
  return { questions, requireAnswerable: () => {}, yes: ask, typed: ask };
}

/** Dependencies that reach nothing: no program, no cloud, no clock. */
export function testDeps(given: Partial<InfrastructureDeps>): InfrastructureDeps & { readonly said: string[] } {
  const said: string[] = [];
  const never = new AbortController().signal;
  return {
    said,
    runner: { run: () => Promise.reject(new Error('no runner')), start: () => Promise.reject(new Error('no runner')) },
    reporter: { ...silentReporter, note: (text) => void said.push(text), warn: (text) => void said.push(text) },
    confirm: answering(true),
    interrupts: { stop: never, giveUp: never },
    show: async (lines) => void said.push(...lines.map(({ text }) => text)),
    aws: () =>
      fakeAws({
        sts: { callerIdentity: async () => ({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }) },
      }),
    configuredRegion: async () => undefined,
    env: { GOOGLE_OAUTH_ACCESS_TOKEN: 'token' },
    now: () => Date.parse('2026-11-21T20:44:00Z'),
    sleep: async () => {},
    templates: '/nowhere',
    ...given,
  };
}

/** Nothing asked for but what the project says. */
export const plainProvision = {
  cloud: undefined,
  set: [],
  backend: undefined,
  dryRun: false,
  planFile: undefined,
  markdownFile: undefined,
};

/** A project in a temporary folder whose `infra/<cloud>` holds these Terraform files. */
export async function projectWith(
  cloud: 'aws' | 'gcp',
  files: Readonly<Record<string, string>>,
  yaml = `name: demo\ncloud: ${cloud}\ngcp: { project: p, region: us-central1 }\n`,
): Promise<Project & { readonly infra: string }> {
  const dir = await tempDir();
  const infra = join(dir, 'infra', cloud);
  await mkdir(infra, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(infra, name), content);
  await writeFile(join(dir, 'mlops.yaml'), yaml);
  return { file: join(dir, 'mlops.yaml'), dir, config: parseProject(yaml), infra };
}
