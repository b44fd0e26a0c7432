import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentReporter } from '../../src/lib/base/progress/reporter.js';
import type { AlarmsDeps } from '../../src/lib/monitoring/alarms/deps.js';
import { loadProject, type Project } from '../../src/lib/project/project.js';
import { answering } from './infrastructure-deps.js';

/** What `mlops provision` says of an infrastructure with everything on. */
export const everythingProvisioned = {
  account_id: '123456789012',
  region: 'us-east-1',
  eks_cluster_name: 'demo',
  transcribe_function_name: 'demo-transcribe',
  load_function_name: 'demo-load',
  function_timeout_seconds: { transcribe: 300, load: 900 },
  queue_url: 'https://sqs.us-east-1.amazonaws.com/123456789012/demo-recordings',
  dead_letter_queue_url: 'https://sqs.us-east-1.amazonaws.com/123456789012/demo-recordings-dead-letter',
  warehouse_workgroup: 'demo',
};

const eks = 'deploy: { target: eks }\n';

/** Writes a project whose SLOs have a source; `alarms` is what stands under that key. */
export async function writeAlarmsProject(
  dir: string,
  alarms: string,
  outputs: Readonly<Record<string, unknown>> = everythingProvisioned,
): Promise<Project> {
  await mkdir(join(dir, 'infra', 'aws'), { recursive: true });
  await mkdir(join(dir, 'deploy', 'kubernetes', 'overlay'), { recursive: true });
  await writeFile(join(dir, 'infra', 'aws', 'outputs.json'), JSON.stringify(outputs));
  const kustomization = 'components:\n  - ../components/cloudwatch\n';
  await writeFile(join(dir, 'deploy', 'kubernetes', 'overlay', 'kustomization.yaml'), kustomization);
  await writeFile(join(dir, 'mlops.yaml'), `name: demo\n${eks}alarms: ${alarms}\n`);
  return await loadProject(dir);
}

/** Dependencies without a terminal; `said` is what a person would have read. */
export function alarmsDeps(given: Partial<AlarmsDeps> & Pick<AlarmsDeps, 'aws'>): AlarmsDeps & { said: string[] } {
  const said: string[] = [];
  return {
    said,
    reporter: { ...silentReporter, note: (text) => void said.push(text), warn: (text) => void said.push(text) },
    confirm: answering(true),
    show: async (lines) => void said.push(...lines.map(({ text }) => text)),
    env: {},
    now: Date.now,
    sleep: async () => {},
    stop: new AbortController().signal,
    ...given,
  };
}
