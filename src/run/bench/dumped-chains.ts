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
import type { FinishedDump } from "./finished-dump.ts";

/** A table of a dump whose rows are as the source has them, and the config's chain for it. */
export interface DumpedChain {
  readonly manifest: ManifestTable;
  readonly source: WorkerSource;
  readonly chunks: readonly DumpedChunk[];
}

/** Which of the config's chains can be run over the dump's rows. Pure; throws `config` for a chain that does not fit. */
export function chainsOver(
  config: Config,
  dump: FinishedDump,
  registry: Registry,
): { readonly chains: readonly DumpedChain[]; readonly skipped: readonly Skipped[] } {
  const skipped: Skipped[] = [];
  const selected = new Set(
    matchingTables(
      config.tables,
      dump.manifest.tables.map(({ source }) => source),
    ),
  );
  const chains = dump.manifest.tables.flatMap((manifest): DumpedChain[] => {
    const { transforms: steps } = ruleOf(config.tables, manifest.source);
    if (!selected.has(manifest.source) || steps.length === 0) return [];
    const chunks = dump.chunks.get(manifest.source) ?? [];
    const source: WorkerSource = { table: schemaOf(manifest, dump), columns: manifest.columns, where: null, steps };
    const why = whyNot(manifest, chunks) ?? computedWhy(source, registry);
    if (why === null) return [{ manifest, source, chunks }];
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

function whyNot({ class: kind }: ManifestTable, chunks: readonly DumpedChunk[]): string | null {
  if (kind !== "identity") {
    return "its rows went through transforms when they were dumped; dump them by a config without any.";
  }
  return rowsOf(chunks) === 0 ? "it has no rows." : null;
}

function computedWhy(source: WorkerSource, registry: Registry): string | null {
  const [first] = tableChain(source, registry).computed;
  return first === undefined
    ? null
    : `${first.path} is evaluated by the source, and the files do not hold what it gives.`;
}

/** As much of the table as a chain is planned by. */
function schemaOf({ source, columns, key, createStatement }: ManifestTable, { manifest }: FinishedDump): TableSchema {
  return {
    database: manifest.database,
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
