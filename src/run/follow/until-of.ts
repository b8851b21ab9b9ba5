import { VtpipeError } from "../../contracts/errors.ts";
import { newestPosition, type TablePositions } from "../../follow/standing.ts";
import { includesSet, parsePosition, positionText, union } from "../../mysql/gtid-set.ts";
import type { FollowOrder } from "./follow-order.ts";

/** Where following is to end. */
export type FollowEnd =
  | { readonly at: "never" }
  /** Exactly the newest snapshot's position. */
  | { readonly at: "snapshot" }
  /** Where the source is at the start. */
  | { readonly at: "caught-up" }
  /** Exactly this one. */
  | { readonly at: "position"; readonly position: string };

/** Pure: the end as a position; refuses one that cannot be reached exactly. `executed`: what the source has. */
export function untilOf(
  end: FollowEnd,
  tables: readonly TablePositions[],
  shards: FollowOrder["shards"],
  executed: string,
): FollowOrder["until"] {
  if (end.at === "never") return null;
  if (end.at === "caught-up") return { position: executed, exact: false };
  const position = end.at === "snapshot" ? newestPosition(tables) : parsePosition(end.position);
  // A transaction that is begun is to be ended, too.
  const reached = shards
    .map(({ applied, partial }) => {
      const whole = parsePosition(applied);
      return partial === null ? whole : union(whole, parsePosition(partial.gtid));
    })
    .reduce(union);
  if (!includesSet(position, reached)) {
    throw refused(
      `The target is beyond ${positionText(position)} already: it is at ${positionText(reached)}.`,
      end.at === "snapshot"
        ? "Nothing has to be brought to the snapshot's position any more."
        : "Give a later position.",
    );
  }
  if (!includesSet(position, newestPosition(tables))) {
    throw refused(
      `At ${positionText(position)} some rows would be newer: they were read at ${positionText(newestPosition(tables))}.`,
      "Give a position from there on.",
    );
  }
  if (!includesSet(parsePosition(executed), position)) {
    throw refused(
      `The source has not all of ${positionText(position)}: it is at ${executed}.`,
      "Give a position that the source has reached.",
    );
  }
  return { position: positionText(position), exact: true };
}

function refused(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "preflight", message, now: "No row was changed.", todo });
}
