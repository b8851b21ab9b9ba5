import { cp } from "node:fs/promises";
import { join } from "node:path";
import { spreadOf } from "../../src/bench/statistics.ts";
import type { BenchAim } from "../../src/contracts/bench.ts";
import { emptySmallTables, makeSmallTables, SMALL_ROWS, smallGlob, smallRowsOnTarget } from "../data/small-tables.ts";
import { fewer, figuresOf, type Judgement, judged, wallRatio, whyAbsent } from "../judge.ts";
import { measure } from "../measure.ts";
import { countCatalogReads } from "../peers/catalog-reads.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Peer, type Results, type Sample } from "../samples.ts";
import { freshPath, vtpipe, type World, writeConfig } from "../world.ts";
import { onVitess } from "./load.ts";
import type { JudgeContext, Section } from "./section.ts";

const AIM = 6;
const AIM_TABLES = 5000;
/** One for each kind of fact, not one for each table. */
const MOST_CATALOG_READS = 20;

const planName = "vtpipe plan";
const dumpName = "vtpipe dump";
const loadName = "vtpipe load";
const runName = "vtpipe run, not verified";
const verifiedName = "vtpipe run, verified";

/** Thousands of tables of ten rows: what each table costs. */
export const tablesSection: Section = {
  name: "tables",
  title: "Many tables",
  tables: [
    { group: "tables", title: "Many tables", base: dumpName, ratio: "time", of: "against the dump", unit: "tables" },
  ],
  measure: (bench) =>
    bench.apart({}, async (world) => {
      const { tables, rounds } = bench.sizes;
      bench.say(`making ${tables.toLocaleString("en")} tables on source and target`);
      await makeSmallTables(world, tables);
      const config = await writeConfig(world, "small", { include: [smallGlob] });
      return measureRounds(peersOf(world, config, tables), rounds, bench.say);
    }),
  judge: judgeTables,
};

function peersOf(world: World, config: string, tables: number): Peer[] {
  const expectAll = async (): Promise<undefined> => {
    const rows = await smallRowsOnTarget(world, tables);
    if (rows !== tables * SMALL_ROWS)
      throw new Error(`it brought ${rows} of ${tables * SMALL_ROWS} rows to the target`);
    return undefined;
  };
  const run = (name: string, more: readonly string[]): Peer =>
    vtpipePeer(world, {
      group: "tables",
      name,
      rows: tables,
      words: ["run", "-c", config, ...more],
      before: () => emptySmallTables(world, tables),
      after: expectAll,
    });
  return [
    planPeer(world, config, tables),
    dumpThenLoad(world, config, tables, expectAll),
    run(runName, ["--no-verify"]),
    run(verifiedName, []),
  ];
}

function planPeer(world: World, config: string, tables: number): Peer {
  return {
    group: "tables",
    name: planName,
    absent: null,
    async run() {
      const { counted, result } = await countCatalogReads(world, () => measure(vtpipe("plan", "-c", config)));
      const figures = counted === null ? {} : { catalogReads: counted };
      return [{ ...result, group: "tables", name: planName, rows: tables, bytesOut: null, figures }];
    },
  };
}

/** The load takes what the dump has left. */
function dumpThenLoad(world: World, config: string, tables: number, expectAll: () => Promise<undefined>): Peer {
  const kept = join(world.folder, "small-dump");
  return {
    group: "tables",
    name: dumpName,
    absent: null,
    async run(): Promise<Sample[]> {
      const [dump] = await vtpipePeer(world, {
        group: "tables",
        name: dumpName,
        rows: tables,
        words: ["dump", "-c", config],
        async after(directory) {
          await freshPath(world, "small-dump");
          await cp(directory, kept, { recursive: true });
          return undefined;
        },
      }).run();
      await emptySmallTables(world, tables);
      const load = await measure(vtpipe("load", kept, "-c", config, "--no-verify"));
      await expectAll();
      await freshPath(world, "small-dump");
      const loaded: Sample = { ...load, group: "tables", name: loadName, rows: tables, bytesOut: null };
      return dump === undefined ? [loaded] : [dump, loaded];
    },
  };
}

function judgeTables(all: Results, { sizes, target }: JudgeContext): Judgement {
  const results = inGroup(all, "tables");
  const { samples } = results;
  const speed = (name: string) => spreadOf(figuresOf(samples, name, ({ rows, wallSeconds }) => rows / wallSeconds));
  const run = speed(runName);
  const parts = [planName, dumpName, loadName, verifiedName].flatMap((name) => {
    const found = speed(name);
    return found === null ? [] : [`${name} ${found.median.toFixed(0)}`];
  });
  const reads = spreadOf(figuresOf(samples, planName, ({ figures }) => figures?.["catalogReads"]));
  const size = fewer(sizes.tables, AIM_TABLES, "tables");
  const through: BenchAim = judged(
    { aim: AIM, what: "tables: planned, dumped and loaded a second, by one run", atLeast: 100, digits: 0 },
    run,
    [parts.length === 0 ? null : parts.join(", "), size],
    whyAbsent(results, runName),
  );
  return {
    aims: [
      onVitess(through, target),
      judged(
        {
          aim: AIM,
          what: "tables: statements to information_schema in vtpipe plan",
          atMost: MOST_CATALOG_READS,
          digits: 0,
        },
        reads,
        [size],
        whyAbsent(results, planName),
      ),
    ],
    ratios: {
      tables_verified_vs_not: wallRatio(samples, verifiedName, runName, "lower"),
      tables_load_vs_dump: wallRatio(samples, loadName, dumpName, "lower"),
    },
    figures: { tables_per_second: run?.median ?? null, tables_catalog_reads: reads?.median ?? null },
  };
}
