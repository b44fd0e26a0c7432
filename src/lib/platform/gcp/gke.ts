import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner } from '../process/runner.js';

export interface GkeCluster {
  readonly name: string;
  /** Region or zone. */
  readonly location: string;
  readonly project: string;
  /** Through the DNS name of the control plane, where callers come in by their Google identity. */
  readonly dnsEndpoint: boolean;
  /** The file that the credentials go to; no other one is touched. */
  readonly kubeconfig: string;
}

/** Lets gcloud write a kubeconfig for the cluster. Throws PrerequisiteError `GCLOUD_FAILED` with what gcloud says. */
export async function getGkeCredentials(runner: ProcessRunner, cluster: GkeCluster): Promise<void> {
  const { name, location, project, dnsEndpoint, kubeconfig } = cluster;
  const args = ['container', 'clusters', 'get-credentials', name, '--location', location, '--project', project];
  const all = [...args, ...(dnsEndpoint ? ['--dns-endpoint'] : []), '--quiet'];
  const { exitCode, stderr } = await runner.run('gcloud', all, { env: { KUBECONFIG: kubeconfig } });
  if (exitCode === 0) return;
  const why = stderr.split('\n').filter((row) => row.trim() !== '' && !row.startsWith('Fetching cluster endpoint'));
  throw new PrerequisiteError(`gcloud does not give access to the GKE cluster ${name}`, {
    code: 'GCLOUD_FAILED',
    why: why.slice(0, 6).join(' '),
    actions: ['gcloud auth login', `gcloud container clusters list --project ${project}`],
  });
}
