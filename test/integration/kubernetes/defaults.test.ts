import { describe, expect, test } from 'vitest';
import { podTemplates, restrictedProblems } from '../../support/kubernetes/pod-security.js';
import {
  allComponents,
  find,
  type Rendered,
  release,
  render,
  withCloudWatch,
} from '../../support/kubernetes/rendering.js';
import { hasKubectl } from '../../support/kubernetes/test-cluster.js';

// Whole documents: a default that changes has to be changed here as well, by somebody who means it.

const selected = { 'app.kubernetes.io/name': 'flight-delay', 'app.kubernetes.io/component': 'server' };
const labels = { ...selected, 'app.kubernetes.io/managed-by': 'mlops' };
const metadata = { name: 'flight-delay', namespace: 'prod', labels };

function spread(topologyKey: string) {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selected },
    matchLabelKeys: ['pod-template-hash'],
  };
}

const container = {
  name: 'server',
  image: release.image,
  ports: [
    { name: 'http', containerPort: 8080, protocol: 'TCP' },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
  ],
  env: [{ name: 'MLOPS_METRICS_PORT', value: '9090' }],
  resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
  startupProbe: {
    httpGet: { path: '/readyz', port: 'http' },
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 60,
  },
  readinessProbe: {
    httpGet: { path: '/readyz', port: 'http' },
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 2,
  },
  livenessProbe: {
    httpGet: { path: '/healthz', port: 'http' },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 6,
  },
  lifecycle: { preStop: { sleep: { seconds: 5 } } },
  securityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
};

const callers = {
  from: [
    { podSelector: {} },
    { namespaceSelector: { matchExpressions: [{ key: 'mlops/caller', operator: 'In', values: ['true'] }] } },
  ],
  ports: [{ protocol: 'TCP', port: 'http' }],
};
const monitoringNamespaces = ['monitoring', 'amazon-cloudwatch', 'gmp-system', 'gke-gmp-system'];
const monitoring = {
  from: [
    {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: monitoringNamespaces }],
      },
    },
  ],
  ports: [{ protocol: 'TCP', port: 'metrics' }],
};
const policy = {
  podSelector: { matchLabels: selected },
  policyTypes: ['Ingress', 'Egress'],
  ingress: [callers, monitoring],
  egress: [
    {
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ],
};
const httpPort = { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' };

describe.skipIf(!hasKubectl)('the defaults of the manifests', () => {
  test('the Deployment and its pods', async () => {
    expect(find(await render(), 'Deployment')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 300,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: selected },
        template: {
          metadata: { labels: selected },
          spec: {
            serviceAccountName: 'flight-delay',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 30,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              runAsGroup: 1000,
              fsGroup: 1000,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            topologySpreadConstraints: [spread('topology.kubernetes.io/zone'), spread('kubernetes.io/hostname')],
            containers: [container],
            volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '512Mi' } }],
          },
        },
      },
    });
  });

  test('who may call it, whom it may call, who it is, and how many may be away', async () => {
    const objects = await render();
    expect(find(objects, 'NetworkPolicy')).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: policy,
    });
    expect(find(objects, 'ServiceAccount')).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      automountServiceAccountToken: false,
    });
    expect(find(objects, 'PodDisruptionBudget').spec).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selected },
    });
    expect(find(objects, 'Service').spec).toEqual({ type: 'ClusterIP', selector: selected, ports: [httpPort] });
  });

  test('the autoscaler: up at once, down slowly', async () => {
    expect(find(await render(), 'HorizontalPodAutoscaler').spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'flight-delay' },
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          policies: [
            { type: 'Percent', value: 100, periodSeconds: 15 },
            { type: 'Pods', value: 4, periodSeconds: 15 },
          ],
          selectPolicy: 'Max',
        },
        scaleDown: {
          stabilizationWindowSeconds: 300,
          policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
        },
      },
    });
  });

  test('the components', async () => {
    const objects = await render({ addToOverlay: allComponents });
    expect(find(objects, 'ScaledObject').spec).toEqual({
      scaleTargetRef: { name: 'flight-delay' },
      minReplicaCount: 3,
      maxReplicaCount: 10,
      pollingInterval: 15,
      cooldownPeriod: 300,
      fallback: { failureThreshold: 3, replicas: 6 },
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: 300,
              policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
            },
          },
        },
      },
      triggers: [
        {
          type: 'prometheus',
          metricType: 'AverageValue',
          metadata: {
            serverAddress: 'http://prometheus-operated.monitoring.svc:9090',
            query: 'sum(mlops_in_flight)',
            threshold: '64',
          },
        },
      ],
    });
    expect(find(objects, 'VerticalPodAutoscaler').spec).toEqual({
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'flight-delay' },
      updatePolicy: { updateMode: 'Off' },
    });
    expect(find(objects, 'PodMonitor').spec).toEqual({
      jobLabel: 'app.kubernetes.io/name',
      selector: { matchLabels: selected },
      podMetricsEndpoints: [{ port: 'metrics', path: '/metrics', interval: '15s', scrapeTimeout: '5s' }],
    });
  });

  test('public: a load balancer of the internet, for whom it is meant for, and no port but that of the service', async () => {
    const isPublic = { release: { ...release, expose: 'public' as const } };
    const objects = await render(isPublic);
    const aws = 'service.beta.kubernetes.io/aws-load-balancer';
    expect(find(objects, 'Service')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata,
        annotations: {
          [`${aws}-type`]: 'nlb',
          [`${aws}-scheme`]: 'internet-facing',
          [`${aws}-cross-zone-load-balancing-enabled`]: 'true',
        },
      },
      spec: { type: 'LoadBalancer', selector: selected, ports: [httpPort] },
    });
    const everybody = { from: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port: 'http' }] };
    expect(find(objects, 'NetworkPolicy').spec).toEqual({ ...policy, ingress: [callers, monitoring, everybody] });

    const allowedCidrs = ['203.0.113.0/24', '198.51.100.7/32'];
    expect(find(await render({ ...isPublic, allowedCidrs }), 'Service').spec).toMatchObject({
      loadBalancerSourceRanges: allowedCidrs,
    });
    expect(find(await render({ allowedCidrs }), 'Service').spec).not.toHaveProperty('loadBalancerSourceRanges');
  });

  test('every pod, with whatever component, is restricted, has a read-only root, and no token but the one that lists pods', async () => {
    const objects = [...(await render()), ...(await render({ addToOverlay: withCloudWatch }))];
    const templates = podTemplates(objects);
    expect(templates.length).toBeGreaterThan(0);
    for (const { of, spec } of templates) {
      expect(restrictedProblems(spec), of).toEqual([]);
      const isAgent = spec.containers?.some(({ name }) => name === 'cloudwatch-agent') ?? false;
      expect(spec, of).toMatchObject({ automountServiceAccountToken: isAgent });
      for (const one of spec.containers ?? []) {
        expect(one.securityContext, `${of} ${one.name}`).toMatchObject({ readOnlyRootFilesystem: true });
      }
    }
  });

  test('an image of a known platform goes to nodes that can run it, unless the files say where it goes', async () => {
    const selectorOf = (objects: readonly Rendered[]) =>
      (find(objects, 'Deployment').spec as unknown as { template: { spec: { nodeSelector?: object } } }).template.spec
        .nodeSelector;
    expect(selectorOf(await render({ architecture: 'arm64' }))).toEqual({ 'kubernetes.io/arch': 'arm64' });
    const own = { op: 'add', path: '/spec/template/spec/nodeSelector', value: { 'kubernetes.io/arch': 'amd64' } };
    const patches = [{ target: { kind: 'Deployment' }, patch: JSON.stringify([own]) }];
    const addToOverlay = `\npatches: ${JSON.stringify(patches)}\n`;
    expect(selectorOf(await render({ architecture: 'arm64', addToOverlay }))).toEqual({
      'kubernetes.io/arch': 'amd64',
    });
  });
});
