import type { BenchTimeline } from "../../contracts/bench.ts";
import { shortText } from "./figures.ts";
import { html, type Markup } from "./html.ts";
import { type Layer, layersOf, linesOf } from "./layers.ts";
import { momentsTable } from "./moments.ts";
import { type Ticks, timeText, timeTicks, valueTicks } from "./ticks.ts";

/** Colours there are; further series take them again, dashed. */
const COLOURS = 8;
/** Both sides of the plot's own square, which is stretched to where it stands; text is beside it, so it is not stretched. */
const SIDE = 1000;

/** Figures over time: axes and legend as text around a plot in SVG, and the figures in a table below. */
export function timelineFigure(chart: BenchTimeline): Markup {
  const layers = chart.stacked ? layersOf(chart.series) : linesOf(chart.series);
  const edges = layers.flatMap(({ points }) => points);
  if (edges.length === 0)
    return html`<figure class="timeline">${caption(chart)}<p class="none">Nothing was measured.</p></figure>`;
  const span = (values: readonly number[]): [number, number] =>
    values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0]);
  const x = timeTicks(...span(edges.map(({ seconds }) => seconds)));
  const y = valueTicks(...span(edges.flatMap(({ from, to }) => [from, to])));
  return html`<figure class="timeline">
${caption(chart)}
${legend(layers)}
<div class="axes">
<div class="y" aria-hidden="true">${y.at.map((value) => html`<span style="bottom:${percent(value, y)}">${shortText(value)}</span>`)}</div>
<div class="plot" data-high="${x.high}" data-low="${x.low}" data-series="${JSON.stringify(layers.map(hoverData))}">
<svg role="img" viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none"><title>${chart.title}</title><desc>${described(chart, layers, x)}</desc>
<g class="grid">${y.at.map((value) => gridLine(place(value, y)))}</g>
${layers.map((layer, i) => drawn(layer, i, x, y, chart.stacked))}
</svg></div>
<div class="x" aria-hidden="true">${x.at.map((value) => html`<span style="left:${percent(value, x)}">${timeText(value, x.step)}</span>`)}</div>
</div>
${momentsTable(chart.unit, layers)}
</figure>`;
}

const caption = ({ title, unit }: BenchTimeline): Markup =>
  html`<figcaption><h3>${title}</h3><p class="unit">${unit}</p></figcaption>`;

const colour = (i: number): string => `s${i % COLOURS}${i >= COLOURS ? " again" : ""}`;

const legend = (layers: readonly Layer[]): Markup | null =>
  layers.length < 2
    ? null
    : html`<ul class="legend">${layers.map(({ name }, i) => html`<li><span class="swatch ${colour(i)}"></span>${name}</li>`)}</ul>`;

/** 0 at the axis' low end, 1 at its high end. */
const place = (value: number, { low, high }: Ticks): number => (value - low) / (high - low);
const percent = (value: number, axis: Ticks): string => `${Number((place(value, axis) * 100).toFixed(2))}%`;
const unitsOf = (share: number): string => String(Number((share * SIDE).toFixed(1)));

const gridLine = (height: number): Markup => {
  const y = unitsOf(1 - height);
  return html`<line x1="0" x2="${SIDE}" y1="${y}" y2="${y}"/>`;
};

function drawn({ points }: Layer, i: number, x: Ticks, y: Ticks, stacked: boolean): Markup {
  const corner = (seconds: number, value: number): string =>
    `${unitsOf(place(seconds, x))},${unitsOf(1 - place(value, y))}`;
  const upper = points.map(({ seconds, to }) => corner(seconds, to));
  if (!stacked) return html`<polyline class="line ${colour(i)}" points="${upper.join(" ")}"/>`;
  const lower = points.map(({ seconds, from }) => corner(seconds, from)).reverse();
  return html`<polygon class="area ${colour(i)}" points="${[...upper, ...lower].join(" ")}"/>`;
}

function described(chart: BenchTimeline, layers: readonly Layer[], x: Ticks): string {
  const kind = chart.stacked ? "Stacked areas" : layers.length === 1 ? "A line" : "Lines";
  return `${kind} over ${Math.round(x.high - x.low)} seconds, in ${chart.unit}: ${layers.map(({ name }) => name).join(", ")}. The figures are in the table below.`;
}

/** What the script shows beside the pointer: a name, and moments with figures. */
const hoverData = ({ name, points }: Layer): readonly [string, readonly (readonly number[])[]] => [
  name,
  points.map(({ seconds, from, to }) => [rounded(seconds), rounded(to - from)]),
];

const rounded = (value: number): number => Number(value.toPrecision(4));
