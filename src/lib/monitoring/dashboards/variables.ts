import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { type LabelMatcher, type Scrape, selector } from '../../slo/compile/promql.js';
import { stableUid } from './context.js';
import { datasourceRef, type Source } from './targets.js';

export type Variable = Builder<dashboard.VariableModel>;

/** Which data source of a kind: ours until the reader chooses another one. */
export function datasourceVariable(source: Source, uid: string): Variable {
  const label = source === 'prometheus' ? 'Prometheus' : 'CloudWatch';
  return new dashboard.DatasourceVariableBuilder(source)
    .label(label)
    .type(source)
    .current({ text: uid, value: uid, selected: true });
}

/**
 * Values of a label of a metric: `chosen` at first, or all of them. `All` is `.*`, which a series without the label matches too: outside
 * Kubernetes there is no namespace.
 */
export function labelVariable(name: string, label: string, metric: string, chosen?: string): Variable {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasourceRef('prometheus'))
    .query({ query: `label_values(${metric}, ${name})`, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(`label_values(${metric}, ${name})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(
      chosen === undefined
        ? { text: 'All', value: '$__all', selected: true }
        : { text: [chosen], value: [chosen], selected: true },
    );
}

/** SLOs of the project that the rules of Prometheus record, by a series that they record; nothing to choose, so not shown. */
export function recordedVariable(series: string, project: string, more: readonly LabelMatcher[]): Variable {
  const query = `label_values(${series}${selector([{ label: 'service', value: project }, ...more])}, slo)`;
  return new dashboard.QueryVariableBuilder('recorded')
    .hide(dashboard.VariableHide.HideVariable)
    .datasource(datasourceRef('prometheus'))
    .query({ query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current({ text: 'All', value: '$__all', selected: true });
}

export interface DimensionVariable {
  readonly name: string;
  readonly label: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimension: string;
  /** Chosen at first. */
  readonly value: string;
  /** Only values that fit it are offered. */
  readonly regex?: string;
}

/** Values of a dimension of a CloudWatch metric. */
export function dimensionVariable(spec: DimensionVariable): Variable {
  const variable = new dashboard.QueryVariableBuilder(spec.name)
    .label(spec.label)
    .datasource(datasourceRef('cloudwatch'))
    .query({
      queryType: 'dimensionValues',
      region: 'default',
      namespace: spec.namespace,
      metricName: spec.metric,
      dimensionKey: spec.dimension,
      dimensionFilters: {},
      refId: 'CloudWatchVariableQueryEditor-VariableQuery',
    })
    .refresh(dashboard.VariableRefresh.OnDashboardLoad)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .current({ text: spec.value, value: spec.value, selected: true });
  return spec.regex === undefined ? variable : variable.regex(spec.regex);
}

/**
 * Where a dashboard of scraped metrics looks, and at whose: data source, job and namespace, as `metric` has them. They are
 * those of the project at first: one Prometheus scrapes many, and their sum is nobody's.
 */
export function scrapeVariables(project: string, metric: string, { job, namespace }: Scrape): Variable[] {
  return [
    datasourceVariable('prometheus', stableUid(project, 'prometheus')),
    labelVariable('job', 'Job', metric, job),
    labelVariable('namespace', 'Namespace', metric, namespace),
  ];
}
