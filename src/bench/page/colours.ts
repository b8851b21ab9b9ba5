/** Series colours are in an order in which neighbours are told apart with any kind of colour vision. */
const light = {
  page: "#fcfcfb",
  ink: "#1a1a19",
  soft: "#62615c",
  line: "#e4e3dd",
  track: "#f1f0ec",
  code: "#efeeea",
  wash: "#eaf2fc",
  accent: "#2a78d6",
  "on-accent": "#ffffff",
  theirs: "#b3b1a8",
  waiting: "#eda100",
  good: "#006300",
  "good-wash": "#e3f3e3",
  bad: "#b3261e",
  "bad-wash": "#fbe6e4",
};
const dark: typeof light = {
  page: "#1a1a19",
  ink: "#f2f1ec",
  soft: "#a9a8a0",
  line: "#383835",
  track: "#262624",
  code: "#2c2c2a",
  wash: "#1d2a3a",
  accent: "#3987e5",
  "on-accent": "#ffffff",
  theirs: "#75746d",
  waiting: "#c98500",
  good: "#6fcf7c",
  "good-wash": "#1c2f1f",
  bad: "#f28b82",
  "bad-wash": "#3a2220",
};
const seriesLight = ["#2a78d6", "#1baf7a", "#eda100", "#008300", "#4a3aa7", "#e34948", "#e87ba4", "#eb6834"];
const seriesDark = ["#3987e5", "#199e70", "#c98500", "#008300", "#9085e9", "#e66767", "#d55181", "#d95926"];

const declared = (named: Readonly<Record<string, string>>, series: readonly string[]): string =>
  [...Object.entries(named), ...series.map((colour, i) => [`s${i}`, colour] as const)]
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");

export const colours: string = `:root{color-scheme:light dark;${declared(light, seriesLight)}}
@media (prefers-color-scheme:dark){:root{${declared(dark, seriesDark)}}}
${seriesLight.map((_, i) => `.s${i}{color:var(--s${i})}`).join("")}`;
