import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { datasourceRef, type Source, type Target } from './targets.js';

/** What every panel says of itself. */
export interface PanelSpec {
  readonly title: string;
  /** What is shown, where it comes from, and what to think of it. */
  readonly description: string;
  /** One of Grafana's units, from the SDK's `units`. */
  readonly unit: string;
  readonly source: Source;
  readonly targets: readonly Target[];
  /** Columns of 24. */
  readonly span: number;
  readonly thresholds?: readonly Threshold[];
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** At most one point in this time, such as `30m`, for queries that read many samples for each. */
  readonly interval?: string;
  /** Always so far back from now, such as `30d`, whatever time the dashboard shows. */
  readonly lookBack?: string;
}

/** From this value on the panel has this colour. The first one has no lower end. */
export interface Threshold {
  readonly from?: number;
  readonly colour: 'green' | 'yellow' | 'orange' | 'red' | 'transparent';
}

export interface TimeSeriesSpec extends PanelSpec {
  readonly stacked?: boolean;
  readonly bars?: boolean;
  /** Thresholds as dashed lines across the panel. */
  readonly lines?: boolean;
  /** Figures of each series in the legend. */
  readonly figures?: readonly ('mean' | 'max' | 'min' | 'lastNotNull' | 'sum')[];
}

/** A panel and the place it takes; the dashboard gives it its number. */
export interface Panel {
  build(id: number): dashboard.Panel;
}

const heights = { stat: 4, graph: 8 };

export function timeSeries(spec: TimeSeriesSpec): Panel {
  return {
    build(id) {
      const { figures = ['mean', 'max'] } = spec;
      const panel = withBasics(new timeseries.PanelBuilder(), id, spec, heights.graph)
        .fillOpacity(spec.stacked === true ? 60 : 8)
        .lineWidth(1)
        // With points where no line is: what has neither neighbour, such as one run an hour, would not be seen at all.
        .showPoints(common.VisibilityMode.Auto)
        // Two scrapes that failed are a gap; an idle service is not.
        .spanNulls(180_000)
        .legend(
          new common.VizLegendOptionsBuilder()
            .displayMode(common.LegendDisplayMode.Table)
            .placement(common.LegendPlacement.Bottom)
            .showLegend(true)
            .calcs([...figures]),
        )
        .tooltip(
          new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
        );
      if (spec.bars === true) panel.drawStyle(common.GraphDrawStyle.Bars).fillOpacity(80);
      if (spec.stacked === true) {
        panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
      }
      if (spec.lines === true) {
        panel.thresholdsStyle(
          new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
        );
      }
      return panel.build();
    },
  };
}

/** What is counted in each period of time, as bars: a line would join what happened hours apart. */
export function countedSeries(spec: Omit<TimeSeriesSpec, 'bars' | 'figures' | 'min'>): Panel {
  return timeSeries({ ...spec, min: 0, bars: true, figures: ['sum', 'max'] });
}

export interface FigureSpec extends PanelSpec {
  readonly graph?: boolean;
  readonly showName?: boolean;
  /** What is made of the time shown: its latest value unless given. Something counted is to be summed. */
  readonly reduce?: 'lastNotNull' | 'sum' | 'max';
}

/** One number, in the colour of its threshold. */
export function figure(spec: FigureSpec): Panel {
  const { reduce = 'lastNotNull' } = spec;
  return {
    build(id) {
      return withBasics(new stat.PanelBuilder(), id, spec, heights.stat)
        .graphMode(spec.graph === true ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
        .colorMode(spec.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
        .textMode(spec.showName === true ? common.BigValueTextMode.Name : common.BigValueTextMode.Auto)
        .reduceOptions(new common.ReduceDataOptionsBuilder().calcs([reduce]).fields('').values(false))
        .noValue('no data')
        .build();
    },
  };
}

/** Buckets of a Prometheus histogram over time. */
export function bucketHeatmap(spec: PanelSpec): Panel {
  return {
    build(id) {
      return withBasics(new heatmap.PanelBuilder(), id, spec, heights.graph)
        .calculate(false)
        .color(
          new heatmap.HeatmapColorOptionsBuilder()
            .mode(heatmap.HeatmapColorMode.Scheme)
            .scheme('Oranges')
            .steps(64)
            .exponent(0.5)
            .fill('dark-orange'),
        )
        .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit))
        .build();
    },
  };
}

type AnyPanelBuilder = timeseries.PanelBuilder | stat.PanelBuilder | heatmap.PanelBuilder;

function withBasics<B extends AnyPanelBuilder>(builder: B, id: number, spec: PanelSpec, height: number): B {
  builder
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(datasourceRef(spec.source))
    .unit(spec.unit)
    .height(height)
    .span(spec.span)
    .thresholds(
      new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(
        (spec.thresholds ?? [{ colour: 'green' }]).map(({ from, colour }) => ({
          value: from ?? null,
          color: colour,
        })),
      ),
    );
  spec.targets.forEach((target, index) => {
    builder.withTarget(target(String.fromCharCode(65 + index)));
  });
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.interval !== undefined) builder.interval(spec.interval);
  if (spec.lookBack !== undefined) builder.timeFrom(spec.lookBack);
  return builder;
}
