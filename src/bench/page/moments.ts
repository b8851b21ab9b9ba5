import { figureText } from "./figures.ts";
import { html, type Markup } from "./html.ts";
import type { Layer } from "./layers.ts";

/** Most rows of the table below a timeline. */
const MOST_MOMENTS = 20;

/** What a timeline shows, for reading: each series' range and its figures at moments that are evenly apart. */
export function momentsTable(unit: string, layers: readonly Layer[]): Markup {
  const figures = layers.map(({ points }) => points.map(({ from, to }) => to - from));
  const longest = layers.reduce((most, { points }) => Math.max(most, points.length), 0);
  const count = Math.min(MOST_MOMENTS, longest);
  const shares = Array.from({ length: count }, (_, i) => (count === 1 ? 0 : i / (count - 1)));
  const whole = layers.reduce<Layer["points"]>((most, { points }) => (points.length > most.length ? points : most), []);
  const start = whole[0]?.seconds ?? 0;
  const end = whole.at(-1)?.seconds ?? 0;
  const moments = shares.map((share) => start + (end - start) * share);
  const row = (name: string, cells: readonly string[]): Markup =>
    html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  const summary = (name: string, of: (own: readonly number[]) => number): Markup =>
    row(
      name,
      figures.map((own) => (own.length === 0 ? "–" : figureText(of(own)))),
    );
  return html`<details><summary>Figures</summary><div class="scroll" tabindex="0" role="group" aria-label="Figures"><table class="plain">
<thead><tr><th scope="col">${unit}</th>${layers.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${[
    summary("lowest", (own) => own.reduce((a, b) => Math.min(a, b))),
    summary("highest", (own) => own.reduce((a, b) => Math.max(a, b))),
    ...moments.map((moment) =>
      row(
        `at ${figureText(moment)} s`,
        layers.map((layer) => figureNear(layer, moment)),
      ),
    ),
  ]}</tbody></table></div></details>`;
}

function figureNear({ points }: Layer, moment: number): string {
  const [nearest] = points.toSorted((a, b) => Math.abs(a.seconds - moment) - Math.abs(b.seconds - moment));
  return nearest === undefined ? "–" : figureText(nearest.to - nearest.from);
}
