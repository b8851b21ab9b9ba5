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
    // Anywhere in between some rows are newer than the position of their chunks, and no stream could begin there.
    if (!includesSet(newest, position)) throw carriedBeyond(source, record);
    if (!includesSet(position, newest)) throw notBrought(source, record);
    brought.add(source);
  }
  if (brought.size === 0) return copied;
  return {
    ...copied,
    chunks: copied.chunks.map((chunk) => (brought.has(chunk.table) ? { ...chunk, position: copied.position } : chunk)),
  };
}

function carriedBeyond(table: string, { position }: FollowRecord): VtpipeError {
  return refused(
    table,
    `\`vtpipe follow\` has carried table ${table} on to ${position}, beyond the newest snapshot's position.`,
    "Name the table in handoff.follow and let `vtpipe follow` carry it on, or copy it again.",
  );
}

function notBrought(table: string, { position }: FollowRecord): VtpipeError {
  return refused(
    table,
    `\`vtpipe follow\` has begun to bring table ${table} to the newest snapshot's position and has not come there, by what it last recorded: ${position}.`,
    "Run `vtpipe follow --until-snapshot` to its end, then hand over.",
  );
}

function refused(table: string, message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "preflight", message, now: "Nothing was changed.", todo, context: { table } });
}
