import type { HandoffTable, SelectedColumn } from "../contracts/handoff.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { JobPlan, PlannedTable } from "./plan-job.ts";

/** The plan as the handoff sees it. Holds SQL twins, which may reveal salts: for servers, never for people or files. */
export function handoffTables(plan: JobPlan): readonly HandoffTable[] {
  return plan.tables.map(handoffTable);
}

function handoffTable({ manifest, source: { table, where }, chain }: PlannedTable): HandoffTable {
  const untouched = new Map<string, string>();
  const columns: SelectedColumn[] = [];
  for (const [place, { name, generated }] of chain.columns.entries()) {
    const from = chain.sources[place];
    const input = from == null ? undefined : chain.inputs[from];
    if (input !== undefined) untouched.set(name, input.name);
    const expression = input === undefined ? chain.twins.get(place) : quoteName(input.name);
    // The target computes generated columns itself; a js-only table has no twins.
    if (generated === null && expression !== undefined) columns.push({ name, expression });
  }
  const integers = new Map(table.columns.map(({ name, kind }) => [name, kind === "integer"]));
  const shape = (names: readonly { name: string }[]): string => names.map(({ name }) => name).join("\n");
  return {
    source: manifest.source,
    target: manifest.target,
    class: chain.class,
    decidedBy: chain.decidedBy,
    verbatim:
      chain.class === "identity" &&
      where === null &&
      manifest.source === manifest.target &&
      shape(chain.tableColumns.map(({ column }) => column)) === shape(table.columns),
    columns: chain.class === "js-only" ? [] : columns,
    filter: chain.filter,
    where,
    untouched: Object.fromEntries(untouched),
    key: (table.chunkKey?.columns ?? []).map((name) => ({ name, integer: integers.get(name) === true })),
  };
}
