import type { Problem } from './check-names.js';
import { addressOf, argumentValue, type Block, textsIn } from './hcl.js';
import { referencesIn } from './hcl-references.js';
import { nestedOf, type SchemaBlock } from './name-table.js';
import {
  at,
  configured,
  deep,
  expectDefault,
  expectValue,
  expression,
  localValue,
  named,
  type Policy,
  problem,
  resources,
  variable,
} from './policy.js';

const noBroadRoles: Policy = (blocks) =>
  configured(blocks).flatMap(({ block, argument }) =>
    textsIn(argument.value)
      .flatMap((text) => text.match(/roles\/[\w.]+/g) ?? [])
      .filter((role) => /^roles\/(owner|editor|viewer)$|admin$/i.test(role))
      .map((role) => problem(argument, addressOf(block), `${role} is more than anything here needs`)),
  );

/** An `_iam_policy` or `_iam_binding` takes the role away from everyone it does not name, far beyond this stack. */
const onlyAdditiveGrants: Policy = (blocks) =>
  resources(blocks)
    .filter(({ labels }) => /_iam_(policy|binding)$/.test(labels[0] ?? ''))
    .map((block) => problem(block, addressOf(block), 'takes grants away that are not of this stack'));

const noKeys: Policy = (blocks) =>
  resources(blocks)
    .filter(({ labels }) => /_key$|_secret_version$/.test(labels[0] ?? ''))
    .map((block) => problem(block, addressOf(block), 'puts a secret into the state'));

const publicOnlyWhenSwitched: Policy = (blocks) => [
  ...configured(blocks).flatMap(({ block, argument }) => {
    if (!textsIn(argument.value).some((text) => /allUsers|allAuthenticatedUsers/.test(text))) return [];
    const count = String(argumentValue(block, 'count') ?? '');
    if (/&& var\.run_public \? 1 : 0\}$/.test(count)) return [];
    return [problem(argument, addressOf(block), 'lets everyone in without var.run_public')];
  }),
  ...configured(blocks)
    .filter(({ argument }) => argument.name === 'invoker_iam_disabled')
    .map(({ block, argument }) => problem(argument, addressOf(block), 'lets everyone in behind the back of IAM')),
  ...expectDefault(blocks, 'run_public', false),
];

const noOpenNetworks: Policy = (blocks) => {
  const everywhere = configured(blocks).flatMap(({ block, argument }) =>
    textsIn(argument.value).some((text) => /(?<![\d.])0\.0\.0\.0\/|::\/0/.test(text))
      ? [problem(argument, addressOf(block), 'is open to the whole internet')]
      : [],
  );
  const cidrs = resources(blocks, 'google_container_cluster').flatMap((cluster) =>
    deep(cluster, 'cidr_blocks').flatMap((block) => {
      const source = String(block.dynamic?.find(({ name }) => name === 'for_each')?.value);
      return /^\$\{toset\(var\.api_allowed_cidrs\)\}$/.test(source)
        ? []
        : [problem(block, `${addressOf(cluster)}.cidr_blocks`, 'does not come from the validated api_allowed_cidrs')];
    }),
  );
  const allowed = variable(blocks, 'api_allowed_cidrs');
  const messages = allowed?.blocks.map((validation) => String(argumentValue(validation, 'condition'))) ?? [];
  const guarded = messages.some((text) => /split\("\/", cidr\)\[1\]\) >= 8/.test(text));
  const missing = guarded ? [] : [problem(allowed ?? at(blocks), 'var.api_allowed_cidrs', 'takes 0.0.0.0/0')];
  return [...everywhere, ...cidrs, ...missing, ...expectDefault(blocks, 'api_allowed_cidrs', [])];
};

const privateCluster: Policy = (blocks) => [
  ...resources(blocks, 'google_container_cluster').flatMap((cluster) => {
    const [config] = named(cluster, 'private_cluster_config');
    const [allowList] = named(cluster, 'master_authorized_networks_config');
    return [
      ...expectValue(config, cluster, 'enable_private_nodes', /^true$/),
      ...expectValue(config, cluster, 'enable_private_endpoint', /^\$\{!var\.endpoint_public_access\}$/),
      ...expectValue(allowList, cluster, 'gcp_public_cidrs_access_enabled', /^false$/),
      ...expectValue(cluster, cluster, 'enable_legacy_abac', /^false$/),
    ];
  }),
  ...resources(blocks, 'google_container_node_pool').flatMap((pool) =>
    expectValue(named(pool, 'network_config')[0], pool, 'enable_private_nodes', /^true$/),
  ),
  ...expectDefault(blocks, 'endpoint_public_access', false),
];

const nodeConfigs = (blocks: Block[]) =>
  ['google_container_cluster', 'google_container_node_pool'].flatMap((type) =>
    resources(blocks, type).flatMap((owner) => {
      const found = deep(owner, 'node_config');
      return (found.length > 0 ? found : [owner]).map((config) => ({ owner, config }));
    }),
  );

const shieldedNodes: Policy = (blocks) => [
  ...resources(blocks, 'google_container_cluster').flatMap((cluster) =>
    expectValue(cluster, cluster, 'enable_shielded_nodes', /^true$/),
  ),
  ...nodeConfigs(blocks).flatMap(({ owner, config }) => {
    const [shielded] = named(config, 'shielded_instance_config');
    return [
      ...expectValue(shielded, owner, 'enable_secure_boot', /^true$/),
      ...expectValue(shielded, owner, 'enable_integrity_monitoring', /^true$/),
    ];
  }),
];

const workloadIdentity: Policy = (blocks) => [
  ...resources(blocks, 'google_container_cluster').flatMap((cluster) =>
    expectValue(
      named(cluster, 'workload_identity_config')[0],
      cluster,
      'workload_pool',
      /^\$\{var\.project\}\.svc\.id\.goog$/,
    ),
  ),
  ...nodeConfigs(blocks).flatMap(({ owner, config }) => [
    ...expectValue(named(config, 'workload_metadata_config')[0], owner, 'mode', /^GKE_METADATA$/),
    ...expectValue(config, owner, 'service_account', /^\$\{google_service_account\.nodes\[0\]\.email\}$/),
    ...(JSON.stringify(argumentValue(config, 'metadata')) === '{"disable-legacy-endpoints":"true"}'
      ? []
      : [problem(config, `${addressOf(owner)}.metadata`, 'leaves the legacy metadata endpoints on')]),
  ]),
];

const limitedGithub: Policy = (blocks) => {
  const providers = resources(blocks, 'google_iam_workload_identity_pool_provider');
  const condition = localValue(blocks, 'github_condition');
  const text = String(condition?.value);
  return [
    ...providers.flatMap((p) => expectValue(p, p, 'attribute_condition', /^\$\{local\.github_condition\}$/)),
    ...[
      `assertion.repository == \\"${expression('var.github_repository')}\\"`,
      `assertion.ref == \\"refs/heads/${expression('var.github_branch')}\\"`,
    ]
      .filter((needed) => !text.includes(needed) || !text.includes('join(" && "'))
      .map((needed) => problem(condition ?? at(blocks), 'local.github_condition', `does not demand ${needed}`)),
    ...resources(blocks, 'google_service_account_iam_member')
      .filter((block) => String(argumentValue(block, 'member')).startsWith('principalSet:'))
      .flatMap((b) => expectValue(b, b, 'member', /\/attribute\.repository\/\$\{var\.github_repository\}$/)),
  ];
};

const immutableImages: Policy = (blocks) => [
  ...resources(blocks, 'google_artifact_registry_repository').flatMap((repository) =>
    expectValue(named(repository, 'docker_config')[0], repository, 'immutable_tags', /^true$/),
  ),
  ...resources(blocks, 'google_cloud_run_v2_service').flatMap((service) =>
    deep(service, 'containers').flatMap((container) =>
      expectValue(container, service, 'image', /^\$\{var\.run_image\}$/),
    ),
  ),
];

const apisStay: Policy = (blocks) =>
  resources(blocks, 'google_project_service').flatMap((s) => expectValue(s, s, 'disable_on_destroy', /^false$/));

const labelArguments = ['labels', 'resource_labels'];

/** Labels of Kubernetes nodes are not those of Google Cloud; `resource_labels` beside them are. */
function labelOf(schema: SchemaBlock): string | undefined {
  return labelArguments.findLast((name) => Object.hasOwn(schema.attributes ?? {}, name));
}

const everythingLabelled: Policy = (blocks, table) => {
  const check = (block: Block, schema: SchemaBlock, path: string): Problem[] => {
    const name = labelOf(schema);
    const found = name === undefined || argumentValue(block, name) === expression('local.labels');
    return [
      ...(found ? [] : [problem(block, `${path}.${name}`, 'is not local.labels')]),
      ...block.blocks.flatMap((inner) => {
        const nested = nestedOf(schema, inner.name);
        return nested === undefined ? [] : check(inner, nested, `${path}.${inner.name}`);
      }),
    ];
  };
  const labels = blocks.flatMap((b) => (b.name === 'locals' ? b.arguments : [])).find(({ name }) => name === 'labels');
  const complete =
    /"mlops-project"\s*= var\.name/.test(String(labels?.value)) &&
    /"managed-by"\s*= "mlops"/.test(String(labels?.value));
  return [
    ...(complete ? [] : [problem(labels ?? at(blocks), 'local.labels', 'lacks mlops-project or managed-by')]),
    ...resources(blocks).flatMap((block) =>
      check(block, table.resources[block.labels[0] ?? ''] ?? {}, addressOf(block)),
    ),
  ];
};

const noSecretOutputs: Policy = (blocks) =>
  blocks
    .filter(({ name }) => name === 'output')
    .flatMap((block) =>
      block.arguments.flatMap((argument) =>
        referencesIn(argument)
          .filter(({ steps }) =>
            steps.some((step) => /^(master_auth|client_key|private_key|secret_data|access_token)$/.test(step)),
          )
          .map(({ text }) => problem(argument, addressOf(block), `shows ${text}`)),
      ),
    );

export const gcpPolicies: Record<string, Policy> = {
  noBroadRoles,
  onlyAdditiveGrants,
  noKeys,
  publicOnlyWhenSwitched,
  noOpenNetworks,
  privateCluster,
  shieldedNodes,
  workloadIdentity,
  limitedGithub,
  immutableImages,
  apisStay,
  everythingLabelled,
  noSecretOutputs,
};
