import { type CloudWatchSource, counterIdentity, type MetricIdentity } from './compile/cloudwatch.js';
import type { SourceOf } from './sources.js';
import type { Slo } from './types.js';

/** Whether CloudWatch lists a metric with exactly these dimensions (ListMetrics). */
export type HasMetric = (metric: MetricIdentity) => Promise<boolean>;

/**
 * What `sloSources` says of CloudWatch, held against CloudWatch itself: that the manifests configure an agent does not mean that one
 * runs. ListMetrics knows a metric up to 15 minutes after its first data point, and for two weeks after its last (API reference);
 * counters that stop later are what the no-data alarm is for.
 *
 * Give the result to `requireSource`, which throws `SLO_NO_SOURCE`, or show its `why` and `actions`.
 * @param slos those that are to be watched; each has counters of its own
 */
export async function confirmCloudWatch(
  source: SourceOf<CloudWatchSource>,
  slos: readonly Pick<Slo, 'name'>[],
  hasMetric: HasMetric,
): Promise<SourceOf<CloudWatchSource>> {
  if (!source.available) return source;
  const missing: string[] = [];
  for (const slo of slos) {
    if (!(await hasMetric(counterIdentity(slo, source.source)))) missing.push(slo.name);
  }
  if (missing.length === 0) return source;
  const [first = ''] = missing;
  const { namespace, name, dimensions } = counterIdentity({ name: first }, source.source);
  const where = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return {
    available: false,
    why:
      missing.length === slos.length
        ? `CloudWatch has no ${name} in the namespace ${namespace} (looked for ${where.join(', ')}): no CloudWatch agent sends the counters of the servers.`
        : `CloudWatch has ${name} for other SLOs, but not for ${missing.join(', ')}: the servers that run do not count ${missing.length === 1 ? 'it' : 'them'} yet.`,
    actions: [
      missing.length === slos.length
        ? 'See that the CloudWatch agent of the component cloudwatch runs in the namespace of the servers: kubectl get pods'
        : 'Roll out the servers with this mlops.yaml: mlops deploy --target eks',
      'A new metric is listed up to 15 minutes after its first data point; then: mlops alarms apply',
    ],
  };
}
