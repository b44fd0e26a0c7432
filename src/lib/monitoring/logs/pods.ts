/** What Kubernetes makes random names of: no vowels, and nothing that looks like something else (apimachinery, `util/rand`). */
const randomCharacters = 'bcdfghjklmnpqrstvwxz2456789';
/** `generateName` of a pod is cut to this length before the random part is put behind it. */
const longestBase = 58;

/**
 * A condition of Logs Insights that only lines of this project's servers fulfil, in the log group where Container Insights
 * keeps what all pods of the cluster write. Its Fluent Bit adds names to a line and no labels (`Labels Off`), so a server is
 * known by its namespace and by how a Deployment names its pods: `<name>-<hash>-<random>`. `<name>-api-...` of another
 * project and the pods of a Job are others.
 * @param name of the project, as a DNS label: what mlops.yaml allows. It has no character that means something in a query
 */
export function podCondition(name: string, namespace: string): string {
  const base = `${name}-`.slice(0, longestBase);
  const pods = `/^${base}[${randomCharacters}-]{5,16}$/`;
  return `kubernetes.namespace_name = "${namespace}" and kubernetes.pod_name like ${pods}`;
}
