// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeProblem } from '../../support/check-names.js';
import { gcpPolicies } from '../../support/gcp-policies.js';
import { type Block, parseTemplates, readTemplates } from '../../support/hcl.js';
import { readNameTable } from '../../support/name-table.js';

const files = readTemplates(join(import.meta.dirname, '../../../templates/terraform/gcp'));
const table = readNameTable();
let blocks: Block[];

beforeAll(async () => {
  blocks = await parseTemplates(files);
});

const violations = (parsed: Block[]) =>
  Object.entries(gcpPolicies).flatMap(([name, policy]) =>
    policy(parsed, table).map((problem) => `${name} ${describeProblem(problem)}`),
  );

test('the GCP templates keep every policy', () => {
  expect(violations(blocks)).toEqual([]);
});

/** The policy that has to object, the file, a text in it (empty: the end of the file), and what it becomes. */
const mutants: [policy: string, file: string, from: string, to: string][] = [
  ['noBroadRoles', 'ci.tf', 'roles/run.developer', 'roles/owner'],
  ['noBroadRoles', 'iam.tf', 'roles/container.defaultNodeServiceAccount', 'roles/editor'],
  ['noBroadRoles', 'iam.tf', 'roles/artifactregistry.reader', 'roles/artifactregistry.repoAdmin'],
  ['onlyAdditiveGrants', 'iam.tf', '"google_project_iam_member" "nodes"', '"google_project_iam_binding" "nodes"'],
  ['noKeys', 'iam.tf', '', resource('google_service_account_key', 'service_account_id = "x"')],
  ['publicOnlyWhenSwitched', 'run.tf', 'local.run_service && var.run_public ?', 'local.run_service ?'],
  ['publicOnlyWhenSwitched', 'run.tf', 'member   = each.value', 'member   = "allAuthenticatedUsers"'],
  ['publicOnlyWhenSwitched', 'run.tf', '  ingress     = var.run_ingress', '  invoker_iam_disabled = true'],
  ['publicOnlyWhenSwitched', 'variables-run.tf', 'default     = false', 'default     = true'],
  ['noOpenNetworks', 'network.tf', '', resource('google_compute_firewall', 'source_ranges = ["0.0.0.0/0"]')],
  ['noOpenNetworks', 'network.tf', '', resource('google_compute_firewall', 'source_ranges = ["::/0"]')],
  ['noOpenNetworks', 'gke.tf', 'toset(var.api_allowed_cidrs)', 'toset(["0.0.0.0/0"])'],
  ['noOpenNetworks', 'gke.tf', 'toset(var.api_allowed_cidrs)', 'toset(var.node_zones)'],
  ['noOpenNetworks', 'variables-gke.tf', '>= 8, true)', '>= 0, true)'],
  ['privateCluster', 'gke.tf', 'enable_private_nodes    = true', 'enable_private_nodes    = false'],
  ['privateCluster', 'gke.tf', '  network_config {\n    enable_private_nodes = true\n  }\n', ''],
  ['privateCluster', 'gke.tf', '= !var.endpoint_public_access', '= false'],
  ['privateCluster', 'gke.tf', 'gcp_public_cidrs_access_enabled = false', 'gcp_public_cidrs_access_enabled = true'],
  ['privateCluster', 'gke.tf', 'enable_legacy_abac       = false', 'enable_legacy_abac       = true'],
  ['shieldedNodes', 'gke.tf', 'enable_shielded_nodes    = true', 'enable_shielded_nodes    = false'],
  ['shieldedNodes', 'gke.tf', 'enable_secure_boot          = true', 'enable_secure_boot          = false'],
  ['shieldedNodes', 'gke.tf', 'enable_integrity_monitoring = true', 'enable_integrity_monitoring = false'],
  ['workloadIdentity', 'gke.tf', 'workload_pool = "${var.project}.svc.id.goog"', ''],
  ['workloadIdentity', 'gke.tf', 'mode = "GKE_METADATA"', 'mode = "GCE_METADATA"'],
  ['workloadIdentity', 'gke.tf', '"disable-legacy-endpoints" = "true"', '"disable-legacy-endpoints" = "false"'],
  ['workloadIdentity', 'gke.tf', '      service_account = google_service_account.nodes[0].email\n', ''],
  ['limitedGithub', 'ci.tf', 'attribute_condition                = local.github_condition', ''],
  ['limitedGithub', 'ci.tf', 'assertion.ref == \\"refs/heads/${var.github_branch}\\"', 'true'],
  ['limitedGithub', 'ci.tf', 'assertion.repository == \\"${var.github_repository}\\"', 'true'],
  ['limitedGithub', 'ci.tf', 'join(" && "', 'join(" || "'],
  ['limitedGithub', 'ci.tf', '/attribute.repository/${var.github_repository}', '/*'],
  ['immutableImages', 'registry.tf', 'immutable_tags = true', 'immutable_tags = false'],
  ['immutableImages', 'run.tf', 'image = var.run_image', 'image = "docker.io/acme/app:latest"'],
  ['apisStay', 'services.tf', 'disable_on_destroy = false', 'disable_on_destroy = true'],
  ['everythingLabelled', 'network.tf', '  labels       = local.labels\n', ''],
  ['everythingLabelled', 'gke.tf', '  resource_labels     = local.labels\n', ''],
  ['everythingLabelled', 'gke.tf', '    resource_labels = local.labels\n    metadata ', '    metadata '],
  ['everythingLabelled', 'locals.tf', '"managed-by"    = "mlops"', ''],
  ['noSecretOutputs', 'outputs.tf', 'main[*].location', 'main[*].master_auth[0].client_key'],
];

function resource(type: string, argument: string): string {
  return `\nresource "${type}" "extra" {\n  ${argument}\n}\n`;
}

describe('a policy objects to', () => {
  test.each(mutants)('%s in %s: %j', async (policy, file, from, to) => {
    const text = files.get(file) ?? '';
    expect(text).toContain(from);
    const changed = from === '' ? text + to : text.replace(from, to);
    const others = blocks.filter((block) => block.file !== file);
    const found = violations([...others, ...(await parseTemplates(new Map([[file, changed]])))]);
    expect(found.filter((text) => text.startsWith(`${policy} ${file}:`))).not.toEqual([]);
    expect(found.filter((text) => !text.startsWith(`${policy} `))).toEqual([]);
  });

  test('nothing that no mutant shows it can see', () => {
    expect([...new Set(mutants.map(([policy]) => policy))].sort()).toEqual(Object.keys(gcpPolicies).sort());
  });
});
