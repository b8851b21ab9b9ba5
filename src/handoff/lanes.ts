import type { Finding } from "../contracts/finding.ts";
import type { HandedTable, HandoffTable, Sharding } from "../contracts/handoff.ts";

/** A table with the lane it takes. */
export interface LanedTable extends HandoffTable, HandedTable {
  readonly sharding: Sharding | null;
}

/** Tables with their lanes, and refusals for those that VReplication cannot carry on. */
export interface Lanes {
  readonly tables: readonly LanedTable[];
  readonly refusals: readonly Finding[];
}

/**
 * Pure: which way each table goes. Only verbatim tables can go to MoveTables, because its streams select `*` and its
 * reverse streams write a target row as it is into the source's table of the same name. What VReplication cannot carry on
 * is refused, unless the source `standsStill`: it takes no writes, and nothing replicates into it.
 */
export function chooseLanes(
  tables: readonly HandoffTable[],
  shardingOf: (target: string) => Sharding | null,
  standsStill: boolean,
): Lanes {
  const laned: LanedTable[] = [];
  const refusals: Finding[] = [];
  for (const table of tables) {
    const sharding = shardingOf(table.target);
    const refusal = cannotFollow(table, sharding);
    if (refusal === null) laned.push({ ...table, sharding, lane: table.verbatim ? "move-tables" : "streams" });
    else if (standsStill) laned.push({ ...table, sharding, lane: "still" });
    else refusals.push(refusal);
  }
  return { tables: laned, refusals };
}

function cannotFollow(table: HandoffTable, sharding: Sharding | null): Finding | null {
  const refuse = (code: string, text: string, todo: string): Finding => ({
    severity: "refusal",
    code,
    text,
    todo,
    table: table.source,
  });
  if (table.class === "js-only") {
    return refuse(
      "js-only",
      `Table ${table.source} cannot be handed to VReplication: ${table.decidedBy} has no SQL twin.`,
      "Use a transform with an SQL twin (`vtpipe transform list` shows which), name the table in handoff.follow for `vtpipe follow`, or make the source super_read_only until the switch.",
    );
  }
  if (table.where !== null) {
    return refuse(
      "where",
      `Table ${table.source} has a where condition, and VReplication's source does not understand every SQL condition.`,
      `Write tables.rules.${table.source}.where as a filter transform (\`vtpipe transform show filter\`), or name the table in handoff.follow.`,
    );
  }
  const computed = sharding?.columns.find((name) => !Object.hasOwn(table.untouched, name));
  if (computed !== undefined) {
    return refuse(
      "sharding-column",
      `Column ${computed} decides the shard of table ${table.target}, and a transform writes it; VReplication chooses rows by the source's own columns.`,
      "Shard by a column that no transform writes, or name the table in handoff.follow for `vtpipe follow`.",
    );
  }
  return null;
}
