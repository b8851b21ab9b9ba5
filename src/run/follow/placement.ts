import type { ManifestTable } from "../../contracts/manifest.ts";
import type { Placement } from "../../follow/distribute.ts";
import type { TableStatements } from "../../follow/statements.ts";
import { routerOf } from "../../load/routing.ts";
import { findCells } from "../../mysql/cells.ts";
import type { Topology } from "../../vitess/topology.ts";
import type { WorkerTable } from "../worker-task.ts";

/** Which shards a followed row is on, by the router that loads rows too. Tables that vtgate routes have none. */
export function placementOf(
  manifest: ManifestTable,
  routing: WorkerTable["routing"],
  statements: TableStatements,
  topology: Topology,
): Placement {
  const { columns } = manifest;
  const base = { table: manifest.source, textOf: statements.textOf };
  if (routing === null || routing.kind === "routed") throw new RangeError(`table ${manifest.source} has no placement`);
  if (routing.kind === "every") return { ...base, shardsOf: () => null };
  const router = routerOf(routing, columns, topology);
  if (routing.kind === "one" || router === null) {
    return { ...base, shardsOf: (refs) => new Int32Array(refs.length) };
  }
  const bounds = new Int32Array(columns.length * 2);
  return {
    ...base,
    shardsOf: (refs) =>
      router(
        refs.map(({ batch, row }) => {
          const [start, end] = [batch.offsets[row] as number, batch.offsets[row + 1] as number];
          findCells(batch.bytes, start, end, columns.length, bounds);
          const from = bounds[routing.cell * 2] as number;
          return from < 0 ? null : batch.bytes.subarray(from, bounds[routing.cell * 2 + 1]);
        }),
      ),
  };
}
