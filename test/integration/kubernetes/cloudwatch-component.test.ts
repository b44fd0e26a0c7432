import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifestProblems } from '../../support/kubernetes/check-manifest.js';
import { find, render, withCloudWatch } from '../../support/kubernetes/rendering.js';
import { hasKubectl } from '../../support/kubernetes/test-cluster.js';

function agentVariables(objects: Parameters<typeof find>[0]) {
  const { spec } = find(objects, 'Deployment', 'flight-delay-cloudwatch-agent') as unknown as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  return spec.template.spec.containers[0]?.env ?? [];
}

describe.skipIf(!hasKubectl)('the component cloudwatch', () => {
  test('what CloudWatch gets: the counters of the SLOs by the names that the server gives them, and nothing else', async () => {
    const objects = await render({ addToOverlay: withCloudWatch });
    const scrapeConfig = agentVariables(objects).find(({ name }) => name === 'PROMETHEUS_CONFIG')?.value ?? '';
    const { scrape_configs: jobs } = parse(scrapeConfig) as {
      scrape_configs: { metric_relabel_configs: object[]; relabel_configs: object[] }[];
    };
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.metric_relabel_configs).toEqual([
      { source_labels: ['__name__'], action: 'keep', regex: 'mlops_slo_(requests|good)_total' },
    ]);
    expect(jobs[0]?.relabel_configs.slice(0, 3)).toEqual([
      {
        source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_component'],
        action: 'keep',
        regex: 'server',
      },
      // Its own servers, not those of another project in this namespace: the agent of that one sends them, too.
      {
        source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'],
        action: 'keep',
        regex: '$(SERVICE)',
      },
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], action: 'keep', regex: 'metrics' },
    ]);
    const { data } = find(objects, 'ConfigMap', 'flight-delay-prometheus-cwagentconfig') as unknown as {
      data: Record<string, string>;
    };
    const agent = JSON.parse(data['cwagentconfig.json'] ?? '') as {
      logs: { metrics_collected: { prometheus: { emf_processor: object } } };
    };
    expect(agent.logs.metrics_collected.prometheus.emf_processor).toEqual({
      metric_namespace: 'mlops',
      metric_declaration: [
        {
          source_labels: ['job'],
          label_matcher: '^mlops$',
          dimensions: [['Namespace', 'Service', 'slo']],
          metric_selectors: ['^mlops_slo_requests_total$', '^mlops_slo_good_total$'],
        },
      ],
    });
  });

  test('the CloudWatch agent: one, that may list pods and reach the port of the metrics, and knows where it is', async () => {
    const objects = await render({ addToOverlay: withCloudWatch, region: 'eu-west-1' });
    for (const object of objects) expect(await manifestProblems(object), object.kind).toEqual([]);
    const name = 'flight-delay-cloudwatch-agent';
    const agent = { 'app.kubernetes.io/name': 'flight-delay', 'app.kubernetes.io/component': 'cloudwatch-agent' };
    const { spec } = find(objects, 'Deployment', name) as unknown as { spec: Record<string, unknown> };
    expect(spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: agent },
      template: {
        metadata: { labels: agent },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: true,
          containers: [
            {
              image: expect.stringMatching(/^public\.ecr\.aws\/cloudwatch-agent\/cloudwatch-agent:1\.\d+/) as string,
              env: [
                { name: 'RUN_WITH_IRSA', value: 'True' },
                // Kubernetes expands only what stands before.
                {
                  name: 'SERVICE',
                  valueFrom: { fieldRef: { fieldPath: "metadata.labels['app.kubernetes.io/name']" } },
                },
                { name: 'PROMETHEUS_CONFIG' },
              ],
              resources: { limits: { cpu: '500m', memory: '400Mi' } },
            },
          ],
        },
      },
    });
    const template = spec.template as {
      spec: { volumes: object[]; containers: { volumeMounts: { mountPath: string }[] }[] };
    };
    expect(template.spec.volumes.slice(0, 1)).toEqual([
      { name: 'agent-config', configMap: { name: 'flight-delay-prometheus-cwagentconfig' } },
    ]);
    const mounts = template.spec.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath);
    const { data } = find(objects, 'ConfigMap', 'flight-delay-prometheus-cwagentconfig') as unknown as {
      data: Record<string, string>;
    };
    expect(JSON.parse(data['region.json'] ?? '')).toEqual({ agent: { region: 'eu-west-1' } });
    const { prometheus } = (
      JSON.parse(data['cwagentconfig.json'] ?? '') as {
        logs: { metrics_collected: { prometheus: Record<string, string> } };
      }
    ).logs.metrics_collected;
    expect(prometheus).toMatchObject({ cluster_name: 'mlops', log_group_name: '/mlops/slo' });
    // It writes the variable into a file, which has to be possible.
    expect(prometheus.prometheus_config_path).toBe('env:PROMETHEUS_CONFIG');
    expect(mounts).toContain('/opt/aws/amazon-cloudwatch-agent/etc');

    expect(find(objects, 'Role', name)).toMatchObject({
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    });
    expect(find(objects, 'RoleBinding', name)).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'prod' }],
    });
    const scraped = { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'cloudwatch-agent' } } }] };
    expect((find(objects, 'NetworkPolicy').spec as unknown as { ingress: object[] }).ingress[2]).toMatchObject({
      ...scraped,
      ports: [{ protocol: 'TCP', port: 'metrics' }],
    });
    expect(find(objects, 'NetworkPolicy', name).spec).toMatchObject({
      podSelector: { matchLabels: agent },
      policyTypes: ['Ingress'],
    });
  });
});
