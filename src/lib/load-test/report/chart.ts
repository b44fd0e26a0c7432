import { html, type Markup } from './markup.js';
import type { Scale } from './scale.js';

export const frame = { width: 776, height: 280, left: 84, right: 744, top: 16, bottom: 232 } as const;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartParts {
  /** Names the figure for those who do not see it. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly y: Scale;
  readonly formatY: (value: number) => string;
  readonly legend: readonly { readonly className: string; readonly label: string }[];
  readonly marks: readonly Markup[];
}

/** A figure with axes, grid and legend around the marks; static SVG, coloured by the page's style sheet. */
export function chart(parts: ChartParts): Markup {
  const { left, right, top, bottom, width, height } = frame;
  const rows = parts.y.ticks.map((value) => {
    const y = round(parts.y.at(value));
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text class="tick" x="${left - 8}" y="${y + 4}" text-anchor="end">${parts.formatY(value)}</text>`;
  });
  const columns = parts.xTicks.map(({ at, label }) => {
    const x = round(at);
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
  });
  const legend = parts.legend.map(
    ({ className, label }) => html`<span class="key"><i class="${className}"></i>${label}</span>`,
  );
  return html`<figure>
<figcaption><strong>${parts.title}</strong><span class="legend">${legend}</span></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${parts.title}">
${rows}${columns}
<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
${parts.marks}
<text class="label" x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${parts.xLabel}</text>
<text class="label" transform="translate(14 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${parts.yLabel}</text>
</svg>
</figure>`;
}

/** A line through the points; a gap where one is missing. */
export function line(points: readonly (Point | null)[], className: string): Markup {
  let path = '';
  let pen = 'M';
  for (const point of points) {
    if (point === null) pen = 'M';
    else {
      path += `${pen}${round(point.x)} ${round(point.y)}`;
      pen = 'L';
    }
  }
  return html`<path class="line ${className}" d="${path}"/>`;
}

/** A dot that tells its value when pointed at. */
export function dot({ x, y }: Point, className: string, text: string): Markup {
  return html`<circle class="dot ${className}" cx="${round(x)}" cy="${round(y)}" r="4"><title>${text}</title></circle>`;
}

export function bar(from: Point, to: Point, className: string): Markup {
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  return html`<rect class="${className}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
}

/** An invisible column over the whole height that tells what is in it. */
export function hover(x: number, width: number, text: string): Markup {
  const { top, bottom } = frame;
  return html`<rect class="hover" x="${round(x)}" y="${top}" width="${round(width)}" height="${bottom - top}"><title>${text}</title></rect>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
