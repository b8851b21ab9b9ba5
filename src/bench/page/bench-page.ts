import type { BenchAim, BenchPage } from "../../contracts/bench.ts";
import { barsFigure } from "./bars.ts";
import { budgetSection } from "./budget-section.ts";
import { html, type Markup, markup, prose } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { timelineFigure } from "./timeline.ts";

/**
 * What a bench found as one HTML page that needs nothing else: no network, no script for reading, light and dark. All
 * text is escaped; series of any length are thinned. Sections without content are left out.
 */
export function benchPage(page: BenchPage): string {
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${page.title}</title>
<style>${markup(style)}</style>
</head>
<body>
<header><h1>${page.title}</h1>
${page.aims.length === 0 ? null : html`<p class="verdict">${verdict(page.aims)}</p>`}
${page.facts.length === 0 ? null : factsList(page.facts)}
</header>
<main>
${[...sections(page)].map((one) => html`${one}\n`)}
</main>
<script>${markup(script)}</script>
</body>
</html>`.text
  }\n`;
}

function* sections(page: BenchPage): Generator<Markup> {
  if (page.budget !== null) yield budgetSection(page.budget);
  if (page.aims.length > 0) yield section("aims", "Aims", aimsTable(page.aims));
  if (page.bars.length > 0) yield section("side-by-side", "Side by side", html`${page.bars.map(barsFigure)}`);
  if (page.timelines.length > 0) {
    yield section("over-time", "Over time", html`<div class="timelines">${page.timelines.map(timelineFigure)}</div>`);
  }
  if (page.notes.length > 0) {
    yield section(
      "notes",
      "Notes",
      html`<ul class="notes">${page.notes.map((note) => html`<li>${prose(note)}</li>`)}</ul>`,
    );
  }
}

const section = (id: string, title: string, content: Markup): Markup =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${content}</section>`;

const factsList = (facts: BenchPage["facts"]): Markup =>
  html`<dl class="facts" aria-label="What was measured, on what">${facts.map(({ name, value }) => html`\n<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

const signs: Readonly<Record<BenchAim["state"], { readonly sign: string; readonly kind: string }>> = {
  met: { sign: "✓", kind: "met" },
  missed: { sign: "✗", kind: "missed" },
  "not measured": { sign: "–", kind: "open" },
};

function aimsTable(aims: readonly BenchAim[]): Markup {
  const row = ({ aim, what, wanted, found, state }: BenchAim): Markup =>
    html`<tr><th scope="row">${aim}</th><td class="what">${prose(what)}</td><td data-label="wanted">${wanted}</td><td data-label="found" class="found">${found}</td><td>${chip(state)}</td></tr>`;
  return html`<table class="aims"><thead><tr><th scope="col"><span class="spoken">aim</span></th><th scope="col">what</th><th scope="col">wanted</th><th scope="col">found</th><th scope="col"><span class="spoken">state</span></th></tr></thead>
<tbody>
${aims.map(row)}
</tbody></table>`;
}

const chip = (state: BenchAim["state"]): Markup =>
  html`<span class="chip ${signs[state].kind}"><span aria-hidden="true">${signs[state].sign}</span> ${state}</span>`;

function verdict(aims: readonly BenchAim[]): Markup[] {
  return (Object.keys(signs) as BenchAim["state"][]).flatMap((state) => {
    const count = aims.filter((one) => one.state === state).length;
    return count === 0 ? [] : [html`<span class="chip ${signs[state].kind}">${count} ${state}</span>`];
  });
}
