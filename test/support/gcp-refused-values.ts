const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

type Refused = [values: Record<string, unknown>, message: string];

/** Values that the templates refuse whatever the other values are, and a part of the message they refuse them with. */
export const refusedValues: Refused[] = [
  [{ name: 'Flight' }, 'name must be 1 to 63'],
  [{ name: '1flight' }, 'name must be 1 to 63'],
  [{ name: 'flight-' }, 'name must be 1 to 63'],
  [{ name: 'a'.repeat(64) }, 'name must be 1 to 63'],
  [{ project: 'My Project' }, 'project must be a project id'],
  [{ project: '123456789012' }, 'project must be a project id'],
  [{ region: 'us-central1-a' }, 'region must be a region'],
  [{ labels: { Team: 'ml' } }, 'labels: a key has'],
  [{ labels: { team: 'Machine Learning' } }, 'labels: a key has'],
  [{ labels: { 'managed-by': 'me' } }, 'labels must not set'],
  [{ log_retention_days: 0 }, 'log_retention_days must be'],
  [{ log_retention_days: 1.5 }, 'log_retention_days must be'],
  [{ registry_keep_count: 0 }, 'registry_keep_count must be'],
  [{ registry_untagged_days: 0 }, 'registry_untagged_days must be'],
  [{ binary_authorization_allowed_images: ['*'] }, 'binary_authorization_allowed_images: a pattern'],
  [{ binary_authorization_allowed_images: ['docker.io/**'] }, 'binary_authorization_allowed_images: a pattern'],
  [{ nodes_cidr: '10.10.0.1/20' }, 'nodes_cidr must be an IPv4 network'],
  [{ nodes_cidr: 'fd00::/20' }, 'nodes_cidr must be private'],
  [{ nodes_cidr: '8.8.0.0/20' }, 'nodes_cidr must be private'],
  [{ nodes_cidr: '10.10.0.0/29' }, 'nodes_cidr must be an IPv4 network'],
  [{ services_cidr: '10.30.0.0/8' }, 'services_cidr must be an IPv4 network'],
  [{ services_cidr: '172.32.0.0/20' }, 'services_cidr must be private'],
  [{ control_plane_cidr: '172.16.0.0/27' }, 'control_plane_cidr must be an IPv4 /28'],
  [{ control_plane_cidr: '172.15.0.0/28' }, 'control_plane_cidr must be private'],
  [{ release_channel: 'LATEST' }, 'release_channel must be'],
  [{ maintenance_window: window({ start_time: 'saturday' }) }, 'start_time and end_time must be RFC 3339'],
  [{ maintenance_window: window({ end_time: '2025-01-03T08:00:00Z' }) }, 'start_time and end_time must be RFC 3339'],
  [{ maintenance_window: window({ recurrence: 'weekends' }) }, 'recurrence must be an RFC 5545 rule'],
  [{ node_machine_type: 'large' }, 'node_machine_type must be'],
  [{ node_count_min: -1 }, 'node_count_min must be'],
  [{ node_disk_size_gb: 10 }, 'node_disk_size_gb must be'],
  [{ node_disk_type: 'floppy' }, 'node_disk_type must be'],
  [{ kubernetes_namespace: 'My_Namespace' }, 'kubernetes_namespace must be'],
  [{ kubernetes_service_account: 'My Account' }, 'kubernetes_service_account must be'],
  [{ run_image: 'docker.io/acme/app:latest' }, 'run_image must name a registry'],
  [{ run_image: `app@${digest}` }, 'run_image must name a registry'],
  [{ run_port: 70_000 }, 'run_port must be'],
  [{ run_invokers: ['allUsers'] }, 'To let everyone in, set run_public'],
  [{ run_invokers: ['allAuthenticatedUsers'] }, 'To let everyone in, set run_public'],
  [{ run_ingress: 'ALL' }, 'run_ingress must be'],
  [{ run_cpu: '3' }, 'run_cpu must be'],
  [{ run_memory: '1GB' }, 'run_memory must be'],
  [{ run_memory: '256Mi' }, 'run_memory must be'],
  [{ run_concurrency: 1001 }, 'run_concurrency must be'],
  [{ run_timeout_seconds: 3601 }, 'run_timeout_seconds must be'],
  [{ run_instances_min: -1 }, 'run_instances_min must be'],
  [{ run_env: { '1ST': 'x' } }, 'run_env: a name has'],
  [{ run_env: { PORT: '80' } }, 'run_env must not set PORT'],
  [{ runtime_roles: ['owner'] }, 'runtime_roles must be roles'],
  [{ runtime_roles: ['roles/owner'] }, 'runtime_roles must not hold roles/owner'],
  [{ runtime_roles: ['roles/editor'] }, 'runtime_roles must not hold roles/owner'],
  [{ runtime_roles: ['roles/storage.admin'] }, 'runtime_roles must not hold roles/owner'],
  [{ runtime_roles: ['roles/iam.serviceAccountKeyAdmin'] }, 'runtime_roles must not hold roles/owner'],
  [{ runtime_secrets: ['projects/x/secrets/y'] }, 'runtime_secrets must be names'],
  [{ github_repository: 'acme' }, 'github_repository must be OWNER/NAME'],
  [{ github_repository: 'acme/x" || true || "' }, 'github_repository must be OWNER/NAME'],
  [{ github_branch: '*' }, 'github_branch must be the name of one branch'],
  [{ github_branch: 'refs/heads/main' }, 'github_branch must be the name of one branch'],
  [{ github_repository_id: 'acme' }, 'github_repository_id must be a number'],
  [{ github_pool_id: 'X' }, 'github_pool_id must be 4 to 32'],
  [{ github_pool_id: 'gcp-pool' }, 'github_pool_id must not start with gcp-'],
];

/** Values that are refused because of one another, or looked at only when another one is right. */
export const refusedCombinations: Refused[] = [
  [{ pods_cidr: '10.20.0.0' }, 'pods_cidr must be an IPv4 network'],
  [{ pods_cidr: '11.0.0.0/16' }, 'pods_cidr must be private'],
  [{ zone: 'europe-west1-b' }, 'zone must be a zone of region'],
  [{ node_zones: ['us-central1'] }, 'node_zones must be zones of region'],
  [{ run_instances_max: 0 }, 'run_instances_max must be a whole number'],
  [{ enable_network: false }, 'enable_gke needs enable_network'],
  [{ enable_ci: true }, 'enable_ci needs github_repository'],
  [{ enable_binary_authorization: true, enable_registry: false }, 'enable_binary_authorization needs enable_registry'],
  [{ enable_image_scanning: true, enable_registry: false }, 'enable_image_scanning needs enable_registry'],
  [{ pods_cidr: '10.20.0.0/22' }, 'pods_cidr is too small for node_count_max'],
  [{ node_count_max: 256 }, 'pods_cidr is too small for node_count_max'],
  [{ services_cidr: '10.20.16.0/20' }, 'Address ranges overlap: pods_cidr and services_cidr.'],
  [{ control_plane_cidr: '10.10.0.16/28' }, 'Address ranges overlap: control_plane_cidr and nodes_cidr.'],
  [{ endpoint_public_access: true }, 'endpoint_public_access needs api_allowed_cidrs'],
  [publicFrom('0.0.0.0/0'), 'must not hold 0.0.0.0/0'],
  [publicFrom('203.0.113.0/24', '0.0.0.0/0'), 'must not hold 0.0.0.0/0'],
  [publicFrom('0.0.0.0/1', '128.0.0.0/1'), 'must not hold 0.0.0.0/0'],
  [publicFrom('1.2.3.4/0'), 'must not hold 0.0.0.0/0'],
  [publicFrom('::/0'), 'api_allowed_cidrs must be IPv4 networks'],
  [publicFrom('203.0.113.5'), 'api_allowed_cidrs must be IPv4 networks'],
  [{ api_allowed_cidrs: ['203.0.113.0/24'] }, 'must be private networks while endpoint_public_access is false'],
  [{ node_count_max: 0, node_count_min: 0 }, 'node_count_max must be a whole number'],
  [{ node_count_min: 6 }, 'node_count_max must not be less'],
  [{ run_image: `docker.io/acme/app@${digest}`, enable_run: false }, 'run_image needs enable_run'],
  [{ run_instances_min: 11 }, 'run_instances_max must not be less'],
];

function window(changed: Record<string, string>) {
  const weekends = 'FREQ=WEEKLY;BYDAY=SA,SU';
  return { start_time: '2025-01-04T02:00:00Z', end_time: '2025-01-04T08:00:00Z', recurrence: weekends, ...changed };
}

function publicFrom(...cidrs: string[]) {
  return { endpoint_public_access: true, api_allowed_cidrs: cidrs };
}

/**
 * The refused values in as few sets as it takes when no set has two values of one variable, because terraform names all
 * wrong variables at once but takes half a second for each look. Combinations stay alone.
 */
export function refusedSets(): { values: Record<string, unknown>; messages: string[] }[] {
  const sets: { values: Record<string, unknown>; messages: string[] }[] = [];
  for (const [values, message] of refusedValues) {
    const free = sets.find((set) => Object.keys(values).every((name) => !(name in set.values)));
    if (free === undefined) sets.push({ values: { ...values }, messages: [message] });
    else {
      Object.assign(free.values, values);
      free.messages.push(message);
    }
  }
  return [...sets, ...refusedCombinations.map(([values, message]) => ({ values, messages: [message] }))];
}
