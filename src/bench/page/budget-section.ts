import type { Budget, BudgetStage } from "../../contracts/bench.ts";
import { stageNames } from "../../contracts/stages.ts";
import { barSvg } from "./bars.ts";
import { figureText, percentText } from "./figures.ts";
import { html, type Markup, prose } from "./html.ts";

/** Where the time of a run went, and above all what would move its limit. */
export function budgetSection(budget: Budget): Markup {
  // Lanes overlap, but a stage alone is never more than all of the time, unless clocks disagree.
  const most = Math.max(1, ...budget.stages.map(({ share }) => share));
  const threads = percentText(budget.threadsBusy);
  const row = ({ stage, share, kind, ceiling }: BudgetStage): Markup => {
    const name = stageNames[stage];
    const limits = stage === budget.limit;
    const told = `${name}: ${percentText(share)} of the workers' time, ${kind}`;
    return html`<tr${limits ? html` class="limit"` : null}><th scope="row">${name}${limits ? html` <strong class="tag">limit</strong>` : null}</th><td class="chart">${barSvg({ title: told, share: share / most, kind })}</td><td class="figure">${percentText(share)} <span class="kind">${kind}</span></td><td class="range">${ceiling === null ? "–" : figureText(ceiling)}</td></tr>`;
  };
  return html`<section aria-labelledby="budget"><h2 id="budget">Where the time goes</h2>
<p class="sentence">${prose(budget.sentence)}</p>
<dl class="tiles"><div><dt>rows a second</dt><dd>${figureText(budget.rowsPerSecond)}</dd></div>
<div><dt>threads busy</dt><dd>${threads}</dd>${barSvg({ title: `Threads busy for ${threads} of their time`, share: budget.threadsBusy, kind: "busy" })}</div>
<div><dt>limited by</dt><dd class="words">${stageNames[budget.limit]}</dd></div></dl>
<figure class="bars"><figcaption><h3>Stages</h3><p class="unit">share of the workers' time; lanes overlap, so shares may add up to more than 100 %</p></figcaption>
<ul class="legend"><li><span class="swatch busy"></span>busy: the worker's own thread</li><li><span class="swatch waiting"></span>waiting for others</li></ul>
<table class="rows budget"><thead><tr><th scope="col">stage</th><th scope="col" class="chart"><span class="spoken">bar</span></th><th scope="col" class="figure">share</th><th scope="col" class="range">alone, rows/s</th></tr></thead><tbody>
${budget.stages.map(row)}
</tbody></table></figure></section>`;
}
