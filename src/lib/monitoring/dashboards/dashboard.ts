import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from './panels.js';
import type { Variable } from './variables.js';

/** A finished dashboard: classic JSON, which every Grafana from 10 on imports. */
export interface BuiltDashboard {
  /** File name without its ending, and the part of the uid that says which one it is. */
  readonly name: string;
  readonly uid: string;
  readonly title: string;
  readonly model: sdk.Dashboard;
}

export interface DashboardSpec {
  readonly name: string;
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly project: string;
  /** How far back it looks at first, such as `now-6h`. */
  readonly from: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Tag of every dashboard that mlops made: by it `apply` knows its own, and each dashboard links to its siblings. */
export const ownTag = 'mlops';

export function projectTag(project: string): string {
  return `mlops:${project}`;
}

/** Lays rows and panels out, left to right, and numbers them in that order. The same spec gives the same JSON. */
export function buildDashboard(spec: DashboardSpec): BuiltDashboard {
  const builder = new sdk.DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([ownTag, projectTag(spec.project)])
    .timezone('browser')
    .time({ from: spec.from, to: 'now' })
    .refresh('1m')
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .variables([...spec.variables])
    .link(
      new sdk.DashboardLinkBuilder(spec.project)
        .type(sdk.DashboardLinkType.Dashboards)
        .tags([projectTag(spec.project)])
        .asDropdown(true)
        .keepTime(true),
    );
  let id = 0;
  for (const row of spec.rows) {
    id += 1;
    builder.withRow(new sdk.RowBuilder(row.title).id(id).collapsed(false));
    for (const panel of row.panels) {
      id += 1;
      const built = panel.build(id);
      builder.withPanel({ build: () => built });
    }
  }
  const model = builder.build();
  return { name: spec.name, uid: spec.uid, title: spec.title, model };
}
