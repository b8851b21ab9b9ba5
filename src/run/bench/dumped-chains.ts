import { type Config, ruleOf } from "../../config/config.ts";
import { matchingTables } from "../../config/select-tables.ts";
import type { Skipped } from "../../contracts/bench.ts";
import type { DumpedChunk } from "../../contracts/chunk.ts";
import type { ManifestTable } from "../../contracts/manifest.ts";
import type { TableSchema } from "../../contracts/schema.ts";
import type { Registry } from "../../transform/registry.ts";
import { rowsOf } from "../run-state.ts";
import { tableChain } from "../table-chain.ts";
import type { WorkerSource } from "../worker-task.ts";
import type { ChainRows } from "./chain-task.ts";
import type { FinishedDump } from "./finished-dump.ts";
import { shapeOf } from "./shape-of.ts";

/** A chain of the config and untransformed rows for it. */
export interface BenchedChain {
  readonly manifest: ManifestTable;
  readonly source: WorkerSource;
  readonly rows: ChainRows;
}

/** What can be measured, and what not. */
export interface BenchedChains {
  readonly chains: readonly BenchedChain[];
  readonly skipped: readonly Skipped[];
}

/** Which of the config's chains can be run over the dump's rows. Pure; throws `config` for a chain that does not fit. */
export function chainsOver(config: Config, dump: FinishedDump, registry: Registry): BenchedChains {
  const skipped: Skipped[] = [];
  const selected = new Set(
    matchingTables(
      config.tables,
      dump.manifest.tables.map(({ source }) => source),
    ),
  );
  const chains = dump.manifest.tables.flatMap((manifest): BenchedChain[] => {
    const { transforms: steps } = ruleOf(config.tables, manifest.source);
    if (!selected.has(manifest.source) || steps.length === 0) return [];
    const chunks = dump.chunks.get(manifest.source) ?? [];
    const source: WorkerSource = {
      table: schemaOf(manifest, dump.manifest.database),
      columns: manifest.columns,
      where: null,
      steps,
    };
    const why = whyNot(manifest, chunks) ?? computedWhy(source, registry);
    if (why === null) return [{ manifest, source, rows: { kind: "files", fingerprint: manifest.fingerprint, chunks } }];
    skipped.push({ what: `table ${manifest.source}`, why });
    return [];
  });
  const known = new Set(dump.manifest.tables.map(({ source }) => source));
  for (const [name, { transforms }] of Object.entries(config.tables.rules)) {
    if (transforms.length > 0 && !known.has(name))
      skipped.push({ what: `table ${name}`, why: "the dump does not have it." });
  }
  return { chains, skipped };
}

/** The config's chain for the table that is called as a shape, over generated rows of it. */
export function chainOverShape(config: Config, shapeName: string, registry: Registry): BenchedChains {
  const { name, columns, createTable } = shapeOf(shapeName);
  const { transforms: steps } = ruleOf(config.tables, name);
  const what = `table ${name}`;
  if (steps.length === 0) return { chains: [], skipped: [{ what, why: "the config has no transforms for it." }] };
  const manifest: ManifestTable = {
    ...{ source: name, target: name, folder: "", columns, class: "identity", fingerprint: "" },
    ...{ key: { index: "PRIMARY", columns: ["id"] }, rangesHold: false, rangeColumns: [] },
    createStatement: createTable(name),
  };
  const source: WorkerSource = { table: schemaOf(manifest, "bench"), columns, where: null, steps };
  const why = computedWhy(source, registry);
  if (why !== null) return { chains: [], skipped: [{ what, why }] };
  return { chains: [{ manifest, source, rows: { kind: "generated", shape: name, seed } }], skipped: [] };
}

const seed = "vtpipe bench";

function whyNot({ class: kind }: ManifestTable, chunks: readonly DumpedChunk[]): string | null {
  if (kind !== "identity") {
    return "its rows went through transforms when they were dumped; dump them by a config without any.";
  }
  return rowsOf(chunks) === 0 ? "it has no rows." : null;
}

function computedWhy(source: WorkerSource, registry: Registry): string | null {
  const [first] = tableChain(source, registry).computed;
  return first === undefined ? null : `${first.path} is evaluated by the source, which is not asked.`;
}

/** As much of the table as a chain is planned by. */
function schemaOf({ source, columns, key, createStatement }: ManifestTable, database: string): TableSchema {
  return {
    database,
    name: source,
    columns,
    primaryKey: key?.index === "PRIMARY" ? key.columns : [],
    chunkKey: key,
    uniqueKeys: key === null ? [] : [key],
    foreignKeys: [],
    engine: "",
    partitioned: false,
    rowsEstimate: 0,
    bytesEstimate: 0,
    createStatement,
  };
}
