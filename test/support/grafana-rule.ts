import type { AlertingRule } from '../../src/lib/slo/compile/rules-file.js';

/** An alert rule of Grafana as `mlops dashboard generate` writes it, before the file's dollars are doubled. */
export interface GrafanaRule {
  readonly uid: string;
  readonly condition: string;
  readonly for: string;
  readonly noDataState: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: readonly {
    readonly refId: string;
    readonly model: { readonly expr?: string; readonly type?: string; readonly expression?: string };
  }[];
}

/**
 * The same rule for Prometheus, so that promtool evaluates queries and condition: a model of Grafana's documented server-side math
 * (a comparison gives 1 or 0, `&&` needs both, a rule fires while its condition is not 0). A query without data makes the
 * condition one without data, which does not fire where `noDataState` is `OK`; in PromQL it is an empty product.
 * Throws for a condition that is no conjunction of comparisons.
 */
export function asPrometheusRule({
  uid,
  condition,
  data,
  labels,
  noDataState,
  for: pending,
}: GrafanaRule): AlertingRule {
  if (noDataState !== 'OK') throw new Error(`${uid}: no data is ${noDataState}`);
  const query = (refId: string) => {
    const expr = data.find((one) => one.refId === refId)?.model.expr;
    if (expr === undefined) throw new Error(`${uid}: no query ${refId}`);
    return expr;
  };
  const { type, expression = '' } = data.find(({ refId }) => refId === condition)?.model ?? {};
  if (type !== 'math') throw new Error(`${uid}: the condition is ${type}`);
  const factors = expression.split('&&').map((part) => {
    const match = /^\s*\$([A-Z]) (>|<) ([\d.]+)\s*$/.exec(part);
    if (match === null) throw new Error(`${uid}: not a comparison: ${part}`);
    const [, refId = '', operator, value] = match;
    return `((${query(refId)}) ${operator} bool ${value})`;
  });
  return { alert: `Grafana ${uid}`, expr: `${factors.join(' * ')} > 0`, for: pending, labels, annotations: {} };
}
