import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** All metrics of one process as plain data, made by `registry.getMetricsAsJSON()`. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Several processes as one. Each metric says how: sums, but for a few such as the event loop delay (an average). */
export async function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  return (await merged(snapshots)).getMetricsAsJSON();
}

/** The same as Prometheus text. */
export async function snapshotsText(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return (await merged(snapshots)).metrics();
}

/** What outlives a process: what it has counted. Its gauges (memory, requests in flight) end with it. */
export function countedOnly(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter(({ type }) => `${type}` === 'counter' || `${type}` === 'histogram');
}

async function merged(snapshots: readonly MetricsSnapshot[]) {
  const { AggregatorRegistry } = await import('prom-client');
  return AggregatorRegistry.aggregate(snapshots as unknown as object[]);
}
