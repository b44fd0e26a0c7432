import type { SloSite } from '../slo/sources.js';
import { readKubernetesComponents } from './kubernetes-components.js';
import type { Project } from './project.js';

/** Where the server of a project runs, and which components of its manifests are on. */
export async function readSloSite({ dir, config }: Project): Promise<SloSite> {
  return {
    name: config.name,
    target: config.deploy?.target,
    namespace: config.deploy?.namespace,
    components: await readKubernetesComponents(dir),
  };
}
