import { UsageError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner } from '../process/runner.js';
import { type KubernetesObject, parseObjects } from './objects.js';

/** The objects of a kustomization. No cluster is asked. Throws UsageError `KUSTOMIZE_FAILED`; `label` names the user's folder. */
export async function kustomize(runner: ProcessRunner, dir: string, label: string): Promise<KubernetesObject[]> {
  const { exitCode, stdout, stderr } = await runner.run('kubectl', ['kustomize', dir]);
  if (exitCode === 0) return await parseObjects(stdout);
  const why = stderr
    .split('\n')
    .map((row) => row.replace(/^[EWI]\d{4} [\d:.]+\s+\d+ \S+\] "command failed" err=/, '').trim())
    .filter((row) => row !== '' && !row.startsWith('#'));
  throw new UsageError(`The kustomization in ${label} cannot be built`, {
    code: 'KUSTOMIZE_FAILED',
    why: why.join('; '),
    actions: [`Find out more with: kubectl kustomize ${label}/overlay`],
  });
}
