import { VtpipeError } from "../../contracts/errors.ts";
import type { HandedTable } from "../../contracts/handoff.ts";
import { type CopiedRows, inLane } from "../../handoff/plan.ts";
import type { HandoffView } from "../../handoff/view.ts";
import type { HandoffSide } from "./handoff-side.ts";
import { allReached, sourcePosition } from "./positions.ts";

/**
 * Tables that nothing carries on are on the target as they are on the source only while the source has done nothing since the
 * copy. Refuses when it has.
 */
export async function refuseMovedSource(
  side: HandoffSide,
  { sourceShards }: HandoffView,
  { chunks, position }: Pick<CopiedRows, "chunks" | "position">,
  tables: readonly HandedTable[],
): Promise<void> {
  const still = inLane(tables, "still");
  if (still.length === 0) return;
  const names = new Set(still.map(({ source }) => source));
  const read = new Set([position, ...chunks.filter(({ table }) => names.has(table)).map((chunk) => chunk.position)]);
  const now = await sourcePosition(side.vtctld, sourceShards);
  // Nothing more than any of them, and all of them nothing more than it.
  const same =
    (await allReached(side.vtctld, sourceShards, now, [...read])) &&
    (await Promise.all([...read].map((at) => allReached(side.vtctld, sourceShards, at, [now])))).every(Boolean);
  if (same) return;
  throw new VtpipeError({
    code: "preflight",
    message: `The source has moved on since ${[...names].join(", ")} were copied (now ${now}, then ${[...read].join(" and ")}), and nothing carries these tables on.`,
    now: "Nothing was changed.",
    todo: "Keep the source super_read_only and copy these tables again in a run directory of their own, or name them in handoff.follow and use `vtpipe follow`.",
    context: { tables: still.length },
  });
}
