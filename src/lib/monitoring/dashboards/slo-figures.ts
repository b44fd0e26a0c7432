import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Slo } from '../../slo/types.js';
import { figure, type Panel } from './panels.js';
import { attainedText, budgetColours, budgetText, promise } from './slo-texts.js';
import type { Source, Target } from './targets.js';

/** Where a figure of an SLO comes from and stands. */
export interface FigurePlace {
  readonly source: Source;
  readonly span: number;
  readonly targets: readonly Target[];
}

/** For figures of the whole window: how far back they look where their query does not say it. */
export interface WindowPlace extends FigurePlace {
  readonly lookBack?: string;
}

/** @param note a sentence more, of the data source */
export function attainedFigure(slo: Slo, place: WindowPlace, note?: string): Panel {
  return figure({
    title: 'Attained',
    description: note === undefined ? attainedText(slo) : `${attainedText(slo)} ${note}`,
    unit: units.PercentUnit,
    decimals: 3,
    thresholds: [{ colour: 'red' }, { from: slo.target, colour: 'green' }],
    ...place,
  });
}

export function budgetFigure(slo: Slo, place: WindowPlace): Panel {
  return figure({
    title: 'Budget left',
    description: budgetText(slo),
    unit: units.PercentUnit,
    decimals: 1,
    thresholds: budgetColours,
    ...place,
  });
}

export function requestsFigure(place: FigurePlace): Panel {
  return figure({
    title: 'Requests that count',
    description: 'Prediction requests per second, without 4xx, over five minutes. None: the SLO is not measured.',
    unit: units.RequestsPerSecond,
    graph: true,
    ...place,
  });
}

export function badFigure(slo: Slo, place: FigurePlace): Panel {
  return figure({
    title: 'Bad requests',
    description: `Prediction requests per second that were not ${promise(slo)}, over five minutes.`,
    unit: units.RequestsPerSecond,
    graph: true,
    ...place,
  });
}
