import type { Release } from '../target.js';

/** What the templates call themselves; a release is called otherwise. */
const templateName = 'mlops';
/** What works on a queue, where that component is on. */
const workerName = `${templateName}-worker`;
/** The container of the server: there may be others beside it, in any order. */
export const serverContainer = 'server';
/** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch */
export const architectureLabel = 'kubernetes.io/arch';

export interface OverlaySettings {
  readonly release: Release;
  readonly namespace: string;
  /** Folders relative to the overlay, with slashes. */
  readonly userOverlay: string;
  readonly publicComponent: string;
  /** The fixed address of a public Service, for the cloud of the cluster. */
  readonly address: FixedAddress | undefined;
  /** Who may reach a public Service; none: everybody. */
  readonly allowedCidrs: readonly string[];
  /** On AWS: the CloudWatch agent of the component cloudwatch cannot find it out from a pod. */
  readonly region: string | undefined;
  /** Of the service account, those of the user's files included; none: as they are. */
  readonly pullSecrets: readonly string[];
  /** Written into the Deployment where nothing scales it. */
  readonly fixedReplicas: boolean;
  /** Where the user's grace period would cut requests off. */
  readonly graceS: number | undefined;
  /** JSON pointer to the port of the server, where it is another one than the image's. */
  readonly portPath: string | undefined;
  /** Of the nodes that can run the image, where it is known and the user's files do not say. */
  readonly architecture: string | undefined;
}

export type FixedAddress =
  | { readonly cloud: 'aws'; readonly allocationIds: readonly string[] }
  | { readonly cloud: 'gcp'; readonly address: string };

type Operation = { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown };

/**
 * A kustomization on top of the user's overlay that says what a release is: name, namespace, image, replicas, resources.
 * It is data: everything goes through kustomize's own fields and JSON patches (RFC 6902).
 */
export function overlayFiles(settings: OverlaySettings): Record<string, unknown> {
  const { release, namespace, userOverlay, publicComponent } = settings;
  return {
    'kustomization.yaml': {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace,
      resources: [userOverlay],
      ...(release.expose === 'public' ? { components: [publicComponent] } : {}),
      images: [{ name: templateName, ...imageParts(release.image) }],
      labels: [
        {
          pairs: { 'app.kubernetes.io/name': release.name },
          includeSelectors: true,
          fields: ['PodMonitor', 'ServiceMonitor'].map((kind) => ({
            kind,
            path: 'spec/selector/matchLabels',
            create: false,
          })),
        },
        { pairs: { 'app.kubernetes.io/managed-by': 'mlops' } },
      ],
      ...(settings.fixedReplicas ? { replicas: [{ name: templateName, count: release.replicas.min }] } : {}),
      patches: patches(settings),
      configurations: ['names.yaml'],
    },
    'names.yaml': nameReferences,
  };
}

/** Where kinds that kustomize does not know name a Deployment: renamed with it. */
const nameReferences = {
  nameReference: [
    {
      kind: 'Deployment',
      fieldSpecs: [
        { kind: 'ScaledObject', path: 'spec/scaleTargetRef/name' },
        { kind: 'VerticalPodAutoscaler', path: 'spec/targetRef/name' },
      ],
    },
    {
      kind: 'TriggerAuthentication',
      fieldSpecs: [{ kind: 'ScaledObject', path: 'spec/triggers/authenticationRef/name' }],
    },
  ],
};

function patches(settings: OverlaySettings) {
  const { release, pullSecrets, graceS, portPath, architecture } = settings;
  const { resources, replicas, port } = release;
  const { cpu, memory } = resources;
  // Merged: a GPU or a disk that the user asks for stays.
  const quantities = { requests: { cpu, memory }, limits: { cpu, memory } };
  const placed = architecture === undefined ? {} : { nodeSelector: { [architectureLabel]: architecture } };
  const server = { ...placed, containers: [{ name: serverContainer, resources: quantities }] };
  const grace = '/spec/template/spec/terminationGracePeriodSeconds';
  const all = [
    merge('Deployment', templateName, { apiVersion: 'apps/v1', spec: { template: { spec: server } } }),
    merge('Deployment', workerName, { apiVersion: 'apps/v1', spec: { template: { spec: placed } } }),
    ...(portPath === undefined
      ? []
      : [patch('Deployment', templateName, [{ op: 'replace', path: portPath, value: port }])]),
    ...(graceS === undefined ? [] : [patch('Deployment', templateName, [{ op: 'add', path: grace, value: graceS }])]),
    patch('HorizontalPodAutoscaler', templateName, [
      { op: 'add', path: '/spec/minReplicas', value: replicas.min },
      { op: 'add', path: '/spec/maxReplicas', value: replicas.max },
    ]),
    patch('ScaledObject', templateName, [
      { op: 'add', path: '/spec/minReplicaCount', value: replicas.min },
      { op: 'add', path: '/spec/maxReplicaCount', value: replicas.max },
    ]),
    ...publicPatches(settings),
    ...regionPatches(settings),
  ];
  if (pullSecrets.length > 0) {
    const value = pullSecrets.map((name) => ({ name }));
    for (const account of [templateName, workerName]) {
      all.push(patch('ServiceAccount', account, [{ op: 'add', path: '/imagePullSecrets', value }]));
    }
  }
  if (release.name === templateName) return all;
  return [...all, ...renames(release.name)];
}

function publicPatches({ release, address, allowedCidrs }: OverlaySettings) {
  if (release.expose !== 'public') return [];
  const operations: Operation[] = [];
  if (address?.cloud === 'gcp') {
    operations.push({ op: 'add', path: '/spec/loadBalancerIP', value: address.address });
  } else if (address !== undefined) {
    const annotation = 'service.beta.kubernetes.io~1aws-load-balancer-eip-allocations';
    const value = address.allocationIds.join(',');
    operations.push({ op: 'add', path: `/metadata/annotations/${annotation}`, value });
  }
  if (allowedCidrs.length > 0)
    operations.push({ op: 'add', path: '/spec/loadBalancerSourceRanges', value: allowedCidrs });
  return operations.length === 0 ? [] : [patch('Service', templateName, operations)];
}

const agentConfig = '-prometheus-cwagentconfig';
const templateSuffixes = ['', '-worker', agentConfig, '-cloudwatch-agent'];

function regionPatches({ region }: OverlaySettings) {
  if (region === undefined) return [];
  const value = JSON.stringify({ agent: { region } });
  return [patch('ConfigMap', `${templateName}${agentConfig}`, [{ op: 'add', path: '/data/region.json', value }])];
}

/** Everything that the templates name; kustomize follows with what refers to it. */
function renames(name: string) {
  return templateSuffixes.map((suffix) => ({
    target: { name: `${templateName}${suffix}` },
    patch: JSON.stringify([{ op: 'replace', path: '/metadata/name', value: `${name}${suffix}` }]),
    options: { allowNameChange: true },
  }));
}

function patch(kind: string, name: string, operations: readonly Operation[]) {
  // A target that is not there is not an error: the user may have taken it out.
  return { target: { kind, name }, patch: JSON.stringify(operations) };
}

/** A strategic merge: containers are found by their names. */
function merge(kind: string, name: string, content: object) {
  return { target: { kind, name }, patch: JSON.stringify({ kind, metadata: { name }, ...content }) };
}

/** `host:5000/team/name:tag@sha256:..` -> kustomize's parts; a digest wins over a tag. */
export function imageParts(reference: string): { newName: string; newTag?: string; digest?: string } {
  const [rest = reference, digest] = reference.split('@', 2);
  const colon = rest.lastIndexOf(':');
  const hasTag = colon > rest.lastIndexOf('/');
  const newName = hasTag ? rest.slice(0, colon) : rest;
  if (digest !== undefined) return { newName, digest };
  return hasTag ? { newName, newTag: rest.slice(colon + 1) } : { newName };
}
