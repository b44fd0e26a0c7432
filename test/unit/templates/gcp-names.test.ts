import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkNames, describeProblem, type Problem } from '../../support/check-names.js';
import { checkDeclarations, checkReferences } from '../../support/check-references.js';
import { type Block, parseTemplates, readTemplates } from '../../support/hcl.js';
import { readNameTable } from '../../support/name-table.js';

const files = readTemplates(join(import.meta.dirname, '../../../templates/terraform/gcp'));
const table = readNameTable();
let blocks: Block[];

beforeAll(async () => {
  blocks = await parseTemplates(files);
});

function check(parsed: Block[]): string[] {
  const problems: Problem[] = [
    ...checkNames(parsed, table),
    ...checkReferences(parsed, table),
    ...checkDeclarations(parsed),
  ];
  return problems.map(describeProblem);
}

describe('the GCP templates against the schema of the google provider', () => {
  test('every type, argument, block, reference and declaration is right', () => {
    expect(check(blocks)).toEqual([]);
  });

  test('the table says where it comes from, and is of the provider version that the templates ask for', () => {
    expect(table.source).toMatchObject({ package: '@cdktf/provider-google', provider: 'hashicorp/google' });
    const [major, minor] = table.source.providerVersion.split('.');
    expect(files.get('versions.tf')).toContain(`version = "~> ${major}.${minor}"`);
  });

  test('the table holds exactly the types that the templates use', () => {
    const used = (kind: string) => new Set(blocks.flatMap(({ name, labels }) => (name === kind ? [labels[0]] : [])));
    expect(Object.keys(table.resources)).toEqual([...used('resource')].sort());
    expect(Object.keys(table.data)).toEqual([...used('data')].sort());
  });
});

/** What is wrong, the file, a text in it, what it is changed to, and what has to be reported. */
const mutants: [string, string, string, string, RegExp][] = [
  [
    'a resource type that does not exist',
    'network.tf',
    'resource "google_compute_router" "main"',
    'resource "google_compute_roter" "main"',
    /^network\.tf:\d+ google_compute_roter\.main: google_compute_roter is not in the name table/,
  ],
  [
    'an argument that does not exist',
    'gke.tf',
    'enable_shielded_nodes    = true',
    'enable_sheilded_nodes    = true',
    /^gke\.tf:\d+ google_container_cluster\.main\.enable_sheilded_nodes: is not an argument here/,
  ],
  [
    'an argument that does not exist, three blocks down',
    'gke.tf',
    'enable_integrity_monitoring = true\n      }\n\n      workload',
    'integrity_monitoring = true\n      }\n\n      workload',
    /^gke\.tf:\d+ google_container_cluster\.main\.node_pool\.node_config\.shielded_instance_config\.integrity_monitoring:/,
  ],
  [
    'an argument that does not exist, in a dynamic block',
    'network.tf',
    'flow_sampling        = 0.5',
    'sampling             = 0.5',
    /^network\.tf:\d+ google_compute_subnetwork\.nodes\.log_config\.sampling: is not an argument here/,
  ],
  [
    'a block that does not exist',
    'run.tf',
    'startup_probe {',
    'readiness_probe {',
    /^run\.tf:\d+ google_cloud_run_v2_service\.main\.template\.containers\.readiness_probe: is not a block here/,
  ],
  [
    'a dynamic block that does not exist',
    'gke.tf',
    'dynamic "cidr_blocks" {',
    'dynamic "cidrs" {',
    /^gke\.tf:\d+ google_container_cluster\.main\.master_authorized_networks_config\.cidrs: is not a block here/,
  ],
  [
    'a block written as an argument',
    'gke.tf',
    'release_channel {\n    channel = var.release_channel\n  }',
    'release_channel = { channel = var.release_channel }',
    /release_channel: is a block/,
  ],
  [
    'an argument written as a block',
    'gke.tf',
    '    metadata        = { "disable-legacy-endpoints" = "true" }',
    '    metadata {\n      legacy = false\n    }',
    /^gke\.tf:\d+ google_container_\w+\.main\..*metadata: is an argument: write it with =$/,
  ],
  [
    'a required argument is missing',
    'network.tf',
    '  router                             = google_compute_router.main[0].name\n',
    '',
    /^network\.tf:\d+ google_compute_router_nat\.main\.router: is required and missing/,
  ],
  [
    'a required argument of a nested block is missing',
    'gke.tf',
    '        cidr_block   = cidr_blocks.value\n',
    '',
    /^gke\.tf:\d+ .*\.cidr_blocks\.cidr_block: is required and missing/,
  ],
  [
    'a required block is missing',
    'security.tf',
    'default_admission_rule {',
    'cluster_admission_rules {\n    cluster = "x"',
    /^security\.tf:\d+ google_binary_authorization_policy\.main\.default_admission_rule: is required and missing/,
  ],
  [
    'a block that may stand once stands twice',
    'gke.tf',
    '  vertical_pod_autoscaling {\n    enabled = true\n  }\n',
    '  vertical_pod_autoscaling {\n    enabled = true\n  }\n  vertical_pod_autoscaling {\n    enabled = true\n  }\n',
    /vertical_pod_autoscaling: stands 2 times, at most 1 allowed/,
  ],
  [
    'an argument that only the provider sets',
    'iam.tf',
    '  display_name = "Cluster nodes',
    '  email        = "nodes@example.com"\n  display_name = "Cluster nodes',
    /^iam\.tf:\d+ google_service_account\.nodes\.email: is read-only/,
  ],
  [
    'a value the API does not take',
    'network.tf',
    '"AUTO_ONLY"',
    '"AUTOMATIC"',
    /AUTOMATIC is none of MANUAL_ONLY, AUTO_ONLY/,
  ],
  ['a text where a list belongs', 'network.tf', '["ALL_IP_RANGES"]', '"ALL_IP_RANGES"', /needs set\(string\)/],
  [
    'a list where a text belongs',
    'run.tf',
    '= "roles/run.invoker"\n  member   = "allUsers"',
    '= ["roles/run.invoker"]\n  member   = "allUsers"',
    /role: needs string/,
  ],
  ['a word where a number belongs', 'network.tf', '= 0.5', '= "half"', /flow_sampling: needs a number/],
  [
    'a reference to an attribute that does not exist',
    'outputs.tf',
    'google_cloud_run_v2_service.main[*].uri',
    'google_cloud_run_v2_service.main[*].url',
    /^outputs\.tf:\d+ output\.cloud_run_url\.value: .*google_cloud_run_v2_service has no url$/,
  ],
  [
    'a reference to a nested attribute that does not exist',
    'iam.tf',
    'workload_identity_config[0].workload_pool',
    'workload_identity_config[0].pool',
    /^iam\.tf:\d+ .*google_container_cluster has no workload_identity_config\.\[\]\.pool$/,
  ],
  [
    'a reference to a resource that does not exist',
    'gke.tf',
    'google_project_iam_member.nodes,',
    'google_project_iam_member.workers,',
    /^gke\.tf:\d+ google_container_cluster\.main\.depends_on: .*no such resource$/,
  ],
  [
    'a reference without the index that count asks for',
    'gke.tf',
    'google_compute_network.main[0].id',
    'google_compute_network.main.id',
    /say which one$/,
  ],
  [
    'a reference to a variable that does not exist',
    'gke.tf',
    'var.node_spot',
    'var.node_spots',
    /^gke\.tf:\d+ .*no such variable$/,
  ],
  [
    'a variable that nothing uses',
    'gke.tf',
    'var.node_spot',
    'false',
    /^variables-gke\.tf:\d+ var\.node_spot: is never used$/,
  ],
  ['a local value that does not exist', 'gke.tf', 'local.cluster_location', 'local.location', /no such local value$/],
  [
    'an ignored path that does not exist',
    'run.tf',
    'template[0].revision,',
    'template[0].revisions,',
    /^run\.tf:\d+ .*ignore_changes: template\.\[\]\.revisions does not exist$/,
  ],
  [
    'a provider argument that does not exist',
    'versions.tf',
    'region  = var.region',
    'regions = var.region',
    /^versions\.tf:\d+ provider\.google\.regions:/,
  ],
  ['a variable without a type', 'variables-gke.tf', '  type        = bool\n', '', /var\.\w+: has no type$/],
  [
    'a variable without a description',
    'variables-ci.tf',
    '  description = "Branch whose workflows may deploy."\n',
    '',
    /var\.github_branch: has no description$/,
  ],
  [
    'a validation about something else',
    'variables.tf',
    '[a-z0-9])?$", var.name)',
    '[a-z0-9])?$", var.region)',
    /var\.name: has a validation that does not look at it$/,
  ],
  [
    'an output without a description',
    'outputs.tf',
    '  description = "Region."\n',
    '',
    /output\.region: has no description$/,
  ],
];

describe('a mistake in the templates is reported with its place', () => {
  test.each(mutants)('%s', async (_name, file, from, to, expected) => {
    const text = files.get(file) ?? '';
    expect(text).toContain(from);
    const others = blocks.filter((block) => block.file !== file);
    const mutated = await parseTemplates(new Map([[file, text.replace(from, to)]]));
    const found = check([...others, ...mutated]);
    expect(found.filter((problem) => expected.test(problem))).not.toEqual([]);
  });
});
