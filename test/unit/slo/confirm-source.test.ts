import { describe, expect, it } from 'vitest';
import type { MetricIdentity } from '../../../src/lib/slo/compile/cloudwatch.js';
import { confirmCloudWatch } from '../../../src/lib/slo/confirm-source.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';
import { requireSource, type SloSite, sloSources } from '../../../src/lib/slo/sources.js';

const site: SloSite = { name: 'demo', target: 'eks', namespace: 'prod', components: ['cloudwatch'] };
const { cloudwatch } = sloSources(site);

function answering(...listed: readonly string[]) {
  const asked: MetricIdentity[] = [];
  const hasMetric = async (metric: MetricIdentity) => {
    asked.push(metric);
    return listed.includes(metric.dimensions.slo ?? '');
  };
  return { asked, hasMetric };
}

describe('the counters of SLOs in CloudWatch', () => {
  it('are a source when CloudWatch lists those of every SLO, by the dimensions that the alarms have', async () => {
    const { asked, hasMetric } = answering('availability', 'latency');
    expect(await confirmCloudWatch(cloudwatch, defaultSlos, hasMetric)).toBe(cloudwatch);
    expect(asked).toEqual(
      ['availability', 'latency'].map((slo) => ({
        namespace: 'mlops',
        name: 'mlops_slo_requests_total',
        dimensions: { Namespace: 'prod', Service: 'demo', slo },
      })),
    );
  });

  it('are none when no agent has sent them, whatever the manifests say; the next step is named', async () => {
    const source = await confirmCloudWatch(cloudwatch, defaultSlos, answering().hasMetric);
    expect(() => requireSource('Alarms on SLOs', source)).toThrow(
      expect.objectContaining({
        code: 'SLO_NO_SOURCE',
        why: 'CloudWatch has no mlops_slo_requests_total in the namespace mlops (looked for Namespace=prod, Service=demo, slo=availability): no CloudWatch agent sends the counters of the servers.',
        actions: expect.arrayContaining([expect.stringContaining('kubectl get pods')]),
      }),
    );
  });

  it('are none while the servers that run do not count one of them', async () => {
    const source = await confirmCloudWatch(cloudwatch, defaultSlos, answering('availability').hasMetric);
    expect(source).toMatchObject({
      available: false,
      why: expect.stringContaining('not for latency'),
      actions: expect.arrayContaining([expect.stringContaining('mlops deploy --target eks')]),
    });
  });

  it('are not asked for when nothing is to send them', async () => {
    const { asked, hasMetric } = answering();
    const off = sloSources({ ...site, components: [] }).cloudwatch;
    expect(await confirmCloudWatch(off, defaultSlos, hasMetric)).toBe(off);
    expect(asked).toEqual([]);
  });
});
