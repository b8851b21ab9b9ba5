import type { EventSink } from "../contracts/events.ts";
import { reportFindings } from "./findings.ts";
import type { SourceSide } from "./source-side.ts";

/** Says what a job is about to do and what is worth knowing before; throws when something rules the job out. */
export function announcePlan({ plan, findings }: SourceSide, emit: EventSink): void {
  for (const { table, text } of plan.warnings) emit({ type: "warning", code: "transform", text, table });
  for (const { manifest, source } of plan.tables) {
    emit({
      type: "table:planned",
      table: manifest.source,
      target: manifest.target,
      class: manifest.class,
      rowsEstimate: source.table.rowsEstimate,
      bytesEstimate: source.table.bytesEstimate,
      chunkKey: source.table.chunkKey?.columns ?? [],
    });
  }
  reportFindings(findings, emit);
}
