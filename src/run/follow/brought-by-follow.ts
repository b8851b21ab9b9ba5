import { VtpipeError } from "../../contracts/errors.ts";
import type { CopiedRows } from "../../handoff/plan.ts";
import { includesSet, parsePosition } from "../../mysql/gtid-set.ts";
import type { FollowRecord } from "../journal.ts";

/**
 * What was copied, with rows that `vtpipe follow --until-snapshot` brought on at the newest snapshot's position. Refuses
 * tables that follow took further than that: VReplication would begin with transactions they have already.
 */
export function broughtByFollow(
  copied: CopiedRows,
  tables: readonly { readonly source: string }[],
  follows: readonly FollowRecord[],
): CopiedRows {
  const newest = parsePosition(copied.position);
  const brought = new Set<string>();
  for (const { source } of tables) {
    const record = follows.find((follow) => follow.tables.includes(source));
    if (record === undefined) continue;
    const position = parsePosition(record.position);
    if (!includesSet(newest, position) || (record.event === "started" && !includesSet(position, newest))) {
      throw carriedOn(source, record);
    }
    if (includesSet(position, newest)) brought.add(source);
  }
  if (brought.size === 0) return copied;
  return {
    ...copied,
    chunks: copied.chunks.map((chunk) => (brought.has(chunk.table) ? { ...chunk, position: copied.position } : chunk)),
  };
}

function carriedOn(table: string, { position, event }: FollowRecord): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message:
      event === "started"
        ? `Table ${table} is being carried on by \`vtpipe follow\`, which did not say how far it came.`
        : `\`vtpipe follow\` has carried table ${table} on to ${position}, which is not the newest snapshot's position.`,
    now: "Nothing was changed.",
    todo:
      event === "started"
        ? "Run `vtpipe follow --until-snapshot` to its end, then hand over."
        : "Name the table in handoff.follow and let `vtpipe follow` carry it on, or copy it again.",
    context: { table },
  });
}
