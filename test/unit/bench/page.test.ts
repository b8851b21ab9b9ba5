import { describe, expect, test } from "vitest";
import { benchPage } from "../../../src/bench/page/bench-page.ts";
import { commonDecimals, figureText, shortText } from "../../../src/bench/page/figures.ts";
import { html, prose } from "../../../src/bench/page/html.ts";
import { timeText, timeTicks, valueTicks } from "../../../src/bench/page/ticks.ts";
import type { BenchPage } from "../../../src/contracts/bench.ts";
import { fullPage, unkind } from "../../support/bench-page.ts";

const empty: BenchPage = { title: "t", facts: [], aims: [], bars: [], timelines: [], budget: null, notes: [] };
const count = (text: string, piece: string | RegExp): number => text.split(piece).length - 1;

describe("the page", () => {
  const page = benchPage(fullPage);

  test("has every section, and only those it has something for", () => {
    for (const id of ["budget", "aims", "side-by-side", "over-time", "notes"])
      expect(page).toContain(`<h2 id="${id}">`);
    expect(page).toContain('<dl class="facts"');
    const bare = benchPage(empty);
    expect(bare).not.toMatch(/<section|class="facts"|class="verdict"/);
    expect(bare).toContain("<h1>t</h1>");
  });

  test("needs nothing from elsewhere", () => {
    expect(page).not.toMatch(/https?:|@import|url\(|<img|<iframe| src=/);
    expect(page.match(/<link[^>]*>/g)).toEqual(['<link rel="icon" href="data:,">']);
  });

  test("escapes all text, wherever it stands", () => {
    const everywhere: BenchPage = {
      title: unkind,
      facts: [{ name: unkind, value: unkind }],
      aims: [{ aim: 1, what: unkind, wanted: unkind, found: unkind, state: "met" }],
      bars: [
        {
          title: unkind,
          unit: unkind,
          better: "lower",
          bars: [{ name: unkind, figure: { median: 1, min: 0, max: 2 }, ours: true }],
          absent: [unkind],
        },
      ],
      timelines: [true, false].map((stacked) => ({
        title: unkind,
        unit: unkind,
        stacked,
        series: [1, 2].map((name) => ({ name: `${name} ${unkind}`, points: [[0, 1] as const, [1, 2] as const] })),
      })),
      budget: { rowsPerSecond: 1, stages: [], threadsBusy: 0, limit: "disk", sentence: unkind },
      notes: [unkind],
    };
    const text = benchPage(everywhere);
    expect(count(text, "<script>")).toBe(1);
    expect(count(text, "</style>")).toBe(1);
    expect(text).not.toContain('alert("1")');
    expect(count(text, "&lt;script&gt;alert(&quot;1&quot;)")).toBeGreaterThan(20);
  });

  test("a picture has a title each; a timeline's figures are in a table, too", () => {
    expect(count(page, "<svg")).toBe(8 + 1 + 8 + 4);
    expect(count(page, /<svg[^>]*role="img"[^>]*><title>/)).toBe(count(page, "<svg"));
    expect(count(page, "<desc>")).toBe(4);
    expect(count(page, "<details>")).toBe(4);
  });

  test("bars are of the largest figure, ours stand out, and what is absent is told", () => {
    expect(page).toContain("vtpipe dump, zstd, 4 workers: 7.18 seconds, from 7.02 to 8.40");
    expect(page).toMatch(/<svg class="bar ours"[^>]*><title>vtpipe dump.*?<rect class="fill" width="33.71%"/);
    expect(page).toContain("mysqldump, one session: 21.30 seconds<");
    expect(count(page, '<tr class="ours">')).toBe(2);
    expect(page).toContain("not measured: mydumper, gzip, 4 threads");
  });

  test("lines and areas are where their axes say", () => {
    const chart = (stacked: boolean): string => {
      const points = (a: number, b: number): [number, number][] => [
        [0, a],
        [10, b],
      ];
      const series = [
        { name: "a", points: points(1, 3) },
        { name: "b", points: points(1, 1) },
      ];
      return benchPage({ ...empty, timelines: [{ title: "t", unit: "u", stacked, series }] });
    };
    const drawn = (text: string): (string | undefined)[] =>
      [...text.matchAll(/ points="([^"]*)"/g)].map(([, at]) => at);
    expect(drawn(chart(true))).toEqual(["0,750 1000,250 1000,1000 0,1000", "0,500 1000,0 1000,250 0,750"]);
    expect(drawn(chart(false))).toEqual(["0,666.7 1000,0", "0,666.7 1000,666.7"]);
    expect(chart(true)).toMatch(/bottom:0%">0<.*bottom:50%">2<.*bottom:100%">4</);
    expect(chart(true)).toMatch(/left:0%">0<.*left:20%">2 s<.*left:100%">10 s</);
  });

  test("aims are counted and each has its state in words", () => {
    expect(page).toMatch(/3 met<\/span>.*1 missed<\/span>.*1 not measured<\/span>/);
    expect(count(page, /class="chip missed"><span aria-hidden="true">✗<\/span> missed/)).toBe(1);
  });

  test("the budget's sentence stands as it is, its settings as code, and its limit is marked", () => {
    expect(page).toMatch(/<p class="sentence">the limit here is the target.*<code>load\.sessions<\/code>;/);
    expect(count(page, '<tr class="limit">')).toBe(1);
    expect(page).toMatch(/<tr class="limit"><th scope="row">the target /);
  });

  test("a page of long series stays small", () => {
    const points = Array.from({ length: 200_000 }, (_, i): [number, number] => [i, Math.sin(i)]);
    const long = { title: "long", unit: "u", series: [{ name: "a", points }] };
    const size = benchPage({ ...empty, timelines: [true, false].map((stacked) => ({ ...long, stacked })) }).length;
    expect(size).toBeLessThan(100_000);
  });

  test("charts of nothing say so, and figures that are none draw nothing", () => {
    const none = { title: "n", unit: "u" };
    const bar = { name: "b", ours: false, figure: { median: Number.NaN, min: 0, max: Number.POSITIVE_INFINITY } };
    const text = benchPage({
      ...empty,
      bars: [
        { ...none, better: "lower", bars: [], absent: [] },
        { ...none, better: "lower", bars: [bar], absent: [] },
      ],
      timelines: [
        { ...none, stacked: true, series: [] },
        { ...none, stacked: false, series: [{ name: "s", points: [[0, Number.NaN]] }] },
        { ...none, stacked: false, series: [{ name: "s", points: [[3, 0]] }] },
      ],
    });
    expect(count(text, "Nothing was measured.")).toBe(3);
    expect(text.slice(text.indexOf("<main>"), text.indexOf("</main>"))).not.toMatch(/NaN|Infinity|undefined|∞/);
  });
});

test("markup is what templates make, everything else is text", () => {
  expect(html`<p title="${`"'`}">${"<"}${html`<br>`}${null}${[html`a`, html`b`]}${0}</p>`.text).toBe(
    '<p title="&quot;&#39;">&lt;<br>ab0</p>',
  );
  expect(html`${prose("use `a<b` and ` alone")}`.text).toBe("use <code>a&lt;b</code> and ` alone");
});

describe("axes", () => {
  test("marks are round and enclose the figures", () => {
    expect(valueTicks(0, 52_000).at).toEqual([0, 20_000, 40_000, 60_000]);
    expect(valueTicks(0, 0.3).at).toEqual([0, 0.1, 0.2, 0.3]);
    expect(valueTicks(-3, 8)).toEqual({ low: -5, high: 10, at: [-5, 0, 5, 10] });
    expect(valueTicks(0, 0).at.length).toBeGreaterThan(1);
  });

  test("time goes in steps that clocks have and ends with the figures", () => {
    const told = (high: number): string[] => {
      const ticks = timeTicks(0, high);
      expect(ticks.high).toBe(high);
      return ticks.at.map((at) => timeText(at, ticks.step));
    };
    expect(told(175)).toEqual(["0", "30 s", "60 s", "90 s", "120 s", "150 s"]);
    expect(told(750)).toEqual(["0", "5 min", "10 min"]);
    expect(told(20_000)).toEqual(["0", "1 h", "2 h", "3 h", "4 h", "5 h"]);
    expect(told(1)).toEqual(["0", "0.5 s", "1 s"]);
    expect(told(40 * 86_400).length).toBeLessThan(8);
  });
});

test("figures: three digits that count, one number of decimals in a column", () => {
  expect([0, 0.0123, 1.006, 12.34, 123.4, 43_912.4, -7.5, Number.NaN].map((value) => figureText(value))).toEqual([
    "0",
    "0.012",
    "1.01",
    "12.3",
    "123",
    "43,912",
    "-7.5",
    "–",
  ]);
  expect(commonDecimals([6.41, 21.3, 9, Number.NaN])).toBe(2);
  expect(figureText(21.3, 2)).toBe("21.30");
  expect([0, 0.25, 950, 9_999, 12_000, 1_500_000, 2e9].map(shortText)).toEqual([
    "0",
    "0.25",
    "950",
    "10,000",
    "12k",
    "1.5M",
    "2G",
  ]);
});
