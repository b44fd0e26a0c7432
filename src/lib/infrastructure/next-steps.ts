import type { Outputs } from './outputs.js';

/** What to run after an apply, most likely first. The configuration has a say: its output `next_step`. */
export function nextSteps(cloud: 'aws' | 'gcp', outputs: Outputs): string[] {
  const value = (name: string) => outputs[name]?.value ?? null;
  const steps: string[] = [];
  const own = value('next_step');
  if (typeof own === 'string') steps.push(own);
  if (cloud === 'aws' && value('eks_cluster_name') !== null) {
    steps.push('mlops build --push', 'mlops deploy --target eks');
  }
  if (cloud === 'gcp') steps.push('mlops build --push', 'mlops deploy --target gke  (or cloud-run)');
  return steps;
}
