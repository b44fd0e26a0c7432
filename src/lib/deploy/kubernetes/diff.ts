import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { type Line, line } from '../../base/text/line.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import { type KubernetesObject, writeObjects } from '../../platform/kubernetes/objects.js';
import { fieldManager } from './options.js';

/** diff(1) says 1 for a difference, and kubectl diff hands it on; more is an error. */
const differs = 1;

/** What applying would change in the cluster. kubectl masks the values of Secrets itself. */
export async function diffManifest(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  force: boolean,
): Promise<Line[]> {
  const args = ['diff', '--server-side', `--field-manager=${fieldManager}`, '-f', '-'];
  const input = await writeObjects(objects);
  const result = await kubectl.run(force ? [...args, '--force-conflicts'] : args, { input, retries: 2 });
  if (result.exitCode === 0) return [];
  if (result.exitCode !== differs) {
    if (/executable file not found/.test(result.stderr)) {
      throw new PrerequisiteError('diff was not found', { code: 'PROGRAM_MISSING', actions: ['Install diffutils'] });
    }
    throw kubectl.failure('Comparing with the cluster', result);
  }
  return diffLines(result.stdout);
}

/** A unified diff with the tones of what is added and removed. The generation that Kubernetes counts is left out. */
export function diffLines(text: string): Line[] {
  return text.split('\n').flatMap((row) => {
    const header = /^diff -u -N \S*\/(\S+) \S+$/.exec(row)?.[1];
    if (header !== undefined) return [line(objectName(header), 'heading')];
    if (/^(---|\+\+\+) |^[-+]\s+generation: \d+$|^\\ No newline/.test(row)) return [];
    if (row.startsWith('@@')) return [line(row, 'faint')];
    if (row.startsWith('+')) return [line(row, 'good')];
    if (row.startsWith('-')) return [line(row, 'danger')];
    return [line(row)];
  });
}

/** `apps.v1.Deployment.default.web` -> `Deployment web` */
function objectName(file: string): string {
  const parts = file.split('.');
  const kind = parts.findIndex((part) => /^[A-Z]/.test(part));
  return kind === -1 ? file : `${parts[kind]} ${parts.slice(kind + 2).join('.')}`;
}
