import type { TableSummary } from "../contracts/events.ts";
import type { CopyJob } from "./copy-job.ts";
import type { JobOutcome } from "./job.ts";
import { chunksByTable, rowsOf } from "./run-state.ts";

/** The summary's tables and position, from what the manifest and the ledger say. */
export function outcomeOf({
  state,
  target,
}: Pick<CopyJob, "state" | "target">): Omit<JobOutcome, "copySeconds" | "rowsCopied" | "bytesCopied" | "failure"> {
  const byTable = chunksByTable(state.manifest);
  const tables = state.manifest.tables.map((table): TableSummary => {
    const chunks = byTable.get(table.source) ?? [];
    return {
      source: table.source,
      target: table.target,
      class: table.class,
      rows: rowsOf(chunks),
      bytes: chunks.reduce((sum, { bytesRaw }) => sum + bytesRaw, 0),
      chunks: chunks.length,
      verified: target === null ? null : state.journal.verified(target.side.id, table.source),
    };
  });
  const snapshot = state.manifest.snapshots.at(-1);
  return {
    tables,
    position: snapshot?.position ?? null,
    lockMs: snapshot?.lockMs ?? null,
    directory: state.directory.path,
    target: target?.side.topology.kind ?? null,
  };
}
