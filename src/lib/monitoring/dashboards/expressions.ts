import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { BuiltDashboard } from './dashboard.js';

/** One query of one panel, as Grafana sends it to Prometheus. */
export interface PanelExpression {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
}

/** What Grafana puts in for variables while everything is chosen. */
const replacements: readonly [RegExp, string][] = [
  [/\$__rate_interval\b/g, '1m'],
  [/\$(job|namespace)\b/g, '.*'],
  // As long as no rules are loaded.
  [/\$recorded\b/g, ''],
];

/**
 * Every PromQL expression of the dashboards with Grafana's variables filled in, so that a test can ask Prometheus itself
 * whether it parses and whether its metrics exist.
 */
export function panelExpressions(dashboards: readonly BuiltDashboard[]): PanelExpression[] {
  return dashboards.flatMap(({ name, model }) =>
    (model.panels ?? []).filter(isPanel).flatMap((panel) =>
      (panel.targets ?? []).flatMap((target) => {
        const { expr } = target as { expr?: string };
        return expr === undefined ? [] : [{ dashboard: name, panel: panel.title ?? '', expr: filledIn(expr) }];
      }),
    ),
  );
}

function isPanel(panel: Panel | RowPanel): panel is Panel {
  return panel.type !== 'row';
}

function filledIn(expr: string): string {
  return replacements.reduce((text, [pattern, value]) => text.replace(pattern, value), expr);
}
