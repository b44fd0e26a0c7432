import * as cloudwatch from '@grafana/grafana-foundation-sdk/cloudwatch';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';

/** One query of a panel; the panel gives it its letter. */
export type Target = (refId: string) => Builder<Dataquery>;

export type Source = 'prometheus' | 'cloudwatch';

/** The data source that the variable of the same name holds: a dashboard follows its reader to another one. */
export function datasourceRef(source: Source) {
  return { type: source, uid: `\${${source}}` };
}

/** A PromQL expression over the time of the panel, or as one number of now. */
export function promql(expr: string, legend: string, options: { instant?: boolean; heatmap?: boolean } = {}): Target {
  return (refId) => {
    const query = new prometheus.DataqueryBuilder()
      .refId(refId)
      .datasource(datasourceRef('prometheus'))
      .editorMode(prometheus.QueryEditorMode.Code)
      .expr(expr)
      .legendFormat(legend);
    if (options.heatmap === true) query.format(prometheus.PromQueryFormat.Heatmap);
    return options.instant === true ? query.instant() : query.range();
  };
}

export interface CloudWatchMetric {
  readonly namespace: string;
  readonly name: string;
  /** Exactly the dimensions that the metric was sent with; `*` takes every value of one. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Average`, `Maximum`, `p99`, ... */
  readonly statistic: string;
  /** Seconds; without it Grafana chooses one that fits the time shown. */
  readonly periodS?: number;
}

/**
 * A CloudWatch metric. Each target needs an id of its own that starts with a lower-case letter: several queries of a
 * panel go out in one GetMetricData call, and Grafana mixes them up without it.
 */
export function metric(
  given: CloudWatchMetric,
  label: string,
  options: { readonly id?: string; readonly hidden?: boolean } = {},
): Target {
  return (refId) =>
    base(refId, label, given.periodS, options.id)
      .hide(options.hidden ?? false)
      .metricQueryType(cloudwatch.MetricQueryType.Search)
      .metricEditorMode(cloudwatch.MetricEditorMode.Builder)
      .namespace(given.namespace)
      .metricName(given.name)
      .dimensions({ ...given.dimensions })
      .matchExact(true)
      .statistic(given.statistic);
}

/** Metrics Insights: SQL over metrics, for sums over one dimension of several. It reaches back two weeks. */
export function metricsSql(sql: string, label: string, periodS: number): Target {
  return (refId) =>
    base(refId, label, periodS)
      .metricQueryType(cloudwatch.MetricQueryType.Insights)
      .metricEditorMode(cloudwatch.MetricEditorMode.Code)
      .sqlExpression(sql)
      .expression('')
      .statistic('Sum')
      .dimensions({});
}

/** Metric math over other targets of the panel, by their ids. */
export function metricMath(expression: string, label: string, periodS: number): Target {
  return (refId) =>
    base(refId, label, periodS)
      .metricQueryType(cloudwatch.MetricQueryType.Search)
      .metricEditorMode(cloudwatch.MetricEditorMode.Code)
      .expression(expression)
      .statistic('Sum')
      .dimensions({});
}

function base(
  refId: string,
  label: string,
  periodS: number | undefined,
  id = `q${refId.toLowerCase()}`,
): cloudwatch.MetricsQueryBuilder {
  return new cloudwatch.MetricsQueryBuilder()
    .refId(refId)
    .id(id)
    .datasource(datasourceRef('cloudwatch'))
    .queryMode(cloudwatch.QueryMode.Metrics)
    .region('default')
    .label(label)
    .period(periodS === undefined ? '' : String(periodS));
}
