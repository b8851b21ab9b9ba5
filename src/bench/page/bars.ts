import type { BenchBar, BenchBars } from "../../contracts/bench.ts";
import { commonDecimals, figureText } from "./figures.ts";
import { html, type Markup, prose } from "./html.ts";

/** A bar from 0 to `share` of the row's width, with a whisker over `spread` where there is one. Shares are 0 to 1. */
export function barSvg(bar: {
  readonly title: string;
  readonly share: number;
  readonly spread?: readonly [number, number];
  readonly kind: string;
}): Markup {
  const [low, high] = bar.spread ?? [0, 0];
  const whisker = html`<g class="whisker"><line x1="${at(low)}" x2="${at(high)}" y1="9" y2="9"/><line x1="${at(low)}" x2="${at(low)}" y1="5" y2="13"/><line x1="${at(high)}" x2="${at(high)}" y1="5" y2="13"/></g>`;
  return html`<svg class="bar ${bar.kind}" role="img" width="100%" height="18"><title>${bar.title}</title><rect class="track" width="100%" height="18" rx="2"/><rect class="fill" width="${at(bar.share)}" height="18" rx="2"/>${high > low ? whisker : null}</svg>`;
}

const at = (share: number): string => `${Number((Math.min(1, Math.max(0, share)) * 100).toFixed(2))}%`;

/** Programs side by side: a row for each, its median as a bar, smallest and largest as a whisker. */
export function barsFigure(chart: BenchBars): Markup {
  const most = Math.max(
    0,
    ...chart.bars.map(({ figure }) => Math.max(figure.median, figure.max)).filter(Number.isFinite),
  );
  const share = (value: number): number => (most > 0 && Number.isFinite(value) ? value / most : 0);
  const decimals = commonDecimals(chart.bars.map(({ figure }) => figure.median));
  const text = (value: number): string => figureText(value, decimals);
  const row = ({ name, figure, ours }: BenchBar): Markup => {
    const [median, min, max] = [text(figure.median), text(figure.min), text(figure.max)];
    const range = figure.max > figure.min ? `${min}–${max}` : "";
    const told = `${name}: ${median} ${chart.unit}${range === "" ? "" : `, from ${min} to ${max}`}`;
    const bar = { title: told, share: share(figure.median), kind: ours ? "ours" : "theirs" };
    return html`<tr${ours ? html` class="ours"` : null}><th scope="row">${name}</th><td class="chart">${barSvg({ ...bar, spread: [share(figure.min), share(figure.max)] })}</td><td class="figure">${median}</td><td class="range">${range}</td></tr>`;
  };
  return html`<figure class="bars">
<figcaption><h3>${chart.title}</h3><p class="unit">${chart.unit}, ${chart.better} is better</p></figcaption>
<table class="rows"><thead class="spoken"><tr><th scope="col">what</th><th scope="col">bar</th><th scope="col">median, ${chart.unit}</th><th scope="col">smallest to largest</th></tr></thead><tbody>
${chart.bars.map(row)}
</tbody></table>
${chart.bars.length === 0 ? html`<p class="none">Nothing was measured.</p>` : null}
${chart.absent.length === 0 ? null : html`<ul class="absent">${chart.absent.map((why) => html`<li>not measured: ${prose(why)}</li>`)}</ul>`}
</figure>`;
}
