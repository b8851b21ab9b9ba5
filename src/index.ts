/** What users' modules and programs import from `vtpipe`. */
export { z } from "zod";
export { defineConfig } from "./config/define-config.ts";
export type { BenchLine } from "./contracts/bench.ts";
export { type ErrorCode, VtpipeError } from "./contracts/errors.ts";
export type { EventSink, RunEvent, Summary } from "./contracts/events.ts";
export {
  type CellOf,
  defineRowTransform,
  type RowOf,
  type RowTransform,
  type TableCells,
  type WritableColumn,
} from "./contracts/row-transform.ts";
export type { Checksum, RowBatch } from "./contracts/rows.ts";
export type { Column } from "./contracts/schema.ts";
export {
  type CellSpan,
  type ChainColumn,
  type ComputedValue,
  defineTransform,
  type NewSpan,
  type RowCells,
  type RowFunction,
  type SqlOf,
  type StepInput,
  type StepPlan,
  type TransformDefinition,
  type TransformFacts,
} from "./contracts/transform.ts";
