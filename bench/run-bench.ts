import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { benchPage } from "../src/bench/page/bench-page.ts";
import type { SandboxOptions } from "../src/sandbox/sandbox.ts";
import { LEAST_ROUNDS, readBaseline, regressions, saveBaseline } from "./baseline.ts";
import type { Judgement } from "./judge.ts";
import { pageOf } from "./page.ts";
import { aimsText, type BenchLine, groupText, peakOfVtpipe, verdictText } from "./report.ts";
import { type Results, together } from "./samples.ts";
import { newSandboxes, type Sandboxes } from "./sandboxes.ts";
import { sections } from "./sections/all.ts";
import type { JudgeContext, Section, SectionName, Sizes } from "./sections/section.ts";

export interface BenchOptions {
  readonly sizes: Sizes;
  /** Empty: all but those that are on request. */
  readonly only: readonly SectionName[];
  readonly vitess: NonNullable<SandboxOptions["vitess"]>;
  readonly json: boolean;
  /** A file for the page; null: none is written. */
  readonly html: string | null;
  readonly check: boolean;
  readonly saveBaseline: boolean;
}

/** Beside the bench's sources, wherever it was compiled to. */
const baselineFile = fileURLToPath(new URL("../../bench/baseline.json", import.meta.url));

/** Measures, prints, and throws when a ratio is worse than the baseline that it was to be checked against. */
export async function runBench(options: BenchOptions, say: (text: string) => void): Promise<void> {
  const { sizes, only } = options;
  if (options.saveBaseline && sizes.rounds < LEAST_ROUNDS) {
    throw new Error(`--save-baseline keeps the rounds' spread, so it needs --rounds ${LEAST_ROUNDS} or more`);
  }
  const baseline = options.check ? await readBaseline(baselineFile) : null;
  const chosen = sections.filter(({ name, onRequest }) => (only.length === 0 ? !onRequest : only.includes(name)));
  const { results, seen } = await measureAll(chosen, options, say);
  const context: JudgeContext = { sizes, target: seen?.kind ?? null };
  // Whoever reads the line finds every ratio and aim in it; of sections that were not asked for nothing was measured.
  const judgement = judgeAll(sections, (section) => (chosen.includes(section) ? results : nothing), context);
  const head = headText(sizes, seen);
  const asked = judgeAll(chosen, () => results, context);
  const tables = chosen.flatMap((section) => section.tables.map((table) => groupText(results, table)));
  const aims = asked.aims.toSorted((a, b) => a.aim - b.aim);
  const ratios = Object.entries(asked.ratios).map(ratioText);
  const text = [...tables, ratios.join("\n"), aimsText(aims), verdictText(aims)].filter((part) => part !== "");
  // With --json the last line of the output is for machines, and people still get their tables.
  console.log([head, ...text].join("\n\n"));
  if (options.html !== null) {
    await writeFile(options.html, benchPage(pageOf({ seen, sizes, results, chosen, aims })));
    say(`the page is in ${options.html}`);
  }
  if (options.saveBaseline) await saveBaseline(baselineFile, head, judgement.ratios);
  if (options.json) console.log(JSON.stringify(lineOf(options, results, judgement, context)));
  if (baseline !== null) say(`the baseline was: ${baseline.measured}`);
  const worse = baseline === null ? [] : regressions(baseline, judgement.ratios);
  if (worse.length > 0) throw new Error(["worse than the baseline:", ...worse].join("\n  "));
}

async function measureAll(
  chosen: readonly Section[],
  { sizes, vitess }: BenchOptions,
  say: (text: string) => void,
): Promise<{ readonly results: Results; readonly seen: Sandboxes["seen"] }> {
  await using sandboxes = newSandboxes(sizes, vitess, say);
  const parts: Results[] = [];
  for (const section of chosen) {
    say(`section ${section.name}: ${section.title}`);
    const bench = { sizes, say, customers: sandboxes.customers, apart: sandboxes.apart };
    try {
      parts.push(await section.measure(bench));
    } catch (error) {
      // What other sections took an hour for is still told.
      const why = error instanceof Error ? error.message : String(error);
      say(`section ${section.name} failed: ${why}`);
      parts.push({ samples: [], absent: section.tables.map(({ group }) => ({ group, name: "vtpipe", why })) });
    }
  }
  return { results: together(parts), seen: sandboxes.seen };
}

const nothing: Results = { samples: [], absent: [] };

function judgeAll(
  chosen: readonly Section[],
  resultsFor: (section: Section) => Results,
  context: JudgeContext,
): Judgement {
  const all = chosen.map((section) => section.judge(resultsFor(section), context));
  return {
    aims: all.flatMap(({ aims }) => aims).toSorted((a, b) => a.aim - b.aim),
    ratios: Object.assign({}, ...all.map(({ ratios }) => ratios)) as Judgement["ratios"],
    figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Judgement["figures"],
  };
}

function lineOf(
  { sizes }: BenchOptions,
  results: Results,
  { aims, ratios, figures }: Judgement,
  { target }: JudgeContext,
): BenchLine {
  const { rows, loadRows, rounds, workers } = sizes;
  const medians = Object.fromEntries(Object.entries(ratios).map(([key, ratio]) => [key, ratio?.median ?? null]));
  const peakRssMiB = peakOfVtpipe(results);
  return { type: "bench", rows, loadRows, rounds, workers, ratios: medians, figures, aims, peakRssMiB, target };
}

function headText({ rows, loadRows, rounds }: Sizes, seen: Sandboxes["seen"]): string {
  const count = (number: number, what: string): string => `${number.toLocaleString("en")} ${what}`;
  return [
    count(rows, "rows dumped"),
    `${count(loadRows, "loaded")}`,
    `${rounds} round${rounds > 1 ? "s" : ""}`,
    `${cpus().length} cores`,
    ...(seen === null ? [] : [`MySQL ${seen.mysql}`, `target: ${seen.target}`]),
  ].join(", ");
}

const ratioText = ([name, ratio]: [string, Judgement["ratios"][string]]): string =>
  `${name.padEnd(32)} ${ratio === null ? "not measured" : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`}`;
