import type { Finding } from "../../contracts/finding.ts";
import type { ShardView } from "../view.ts";
import { type HandoffCheck, type HandoffFacts, refusal, type TabletFacts, warning } from "./facts.ts";
import { readingTablets } from "./reading-tablets.ts";

/** Is there a tablet for every stream to read from, back from the target too, and do they serve? */
export const checkTablets: HandoffCheck = (facts) => {
  const { view, plan, sourceTablets, targetTablets, silent, sidecar } = facts;
  const { sourceKeyspace, targetKeyspace } = view.names;
  const reversed = plan.tables.some(({ lane }) => lane === "move-tables");
  return [
    ...unknownCells(facts),
    ...nobodyToReadFrom(facts, sourceKeyspace, view.sourceShards, sourceTablets, view.targetShards, "streams"),
    ...(reversed
      ? nobodyToReadFrom(facts, targetKeyspace, view.targetShards, targetTablets, view.sourceShards, "streams back")
      : []),
    ...notServing(sourceTablets, sourceKeyspace),
    ...notServing(targetTablets, targetKeyspace),
    ...silent.map(({ tablet, primary, why }) =>
      (primary ? refusal : warning)(
        "tablet-silent",
        `The MySQL server behind tablet ${tablet} could not be asked: ${why}`,
        "Bring the tablet and its server up, or leave it out by handoff.tabletTypes and handoff.cells.",
      ),
    ),
    ...(reversed ? readOnlySource(facts) : []),
    ...(sidecar === false
      ? [
          refusal(
            "source-sidecar",
            `The source's primary has no VReplication tables (_vt.vreplication), without which traffic cannot be given back.`,
            "Give the tablet's --db-allprivs-user CREATE on _vt.*, and make it a serving PRIMARY again (vtctldclient TabletExternallyReparented).",
          ),
        ]
      : []),
  ];
};

/** A switch leaves its journal and the streams back in the source's `_vt`. */
function readOnlySource({ servers }: HandoffFacts): Finding[] {
  const shut = servers.filter(({ primary, variables }) => primary && variables.get("super_read_only") === "ON");
  return shut.map(({ tablet }) =>
    warning(
      "source-read-only",
      `The server of ${tablet} is super_read_only: Vitess cannot switch verbatim tables before it can write to _vt there.`,
      "With writers stopped, SET GLOBAL super_read_only = OFF right before `vtpipe switch`.",
    ),
  );
}

function unknownCells({ plan, cells: { known, aliases } }: HandoffFacts): Finding[] {
  const unknown = plan.cells.filter((name) => !known.includes(name) && !aliases.has(name));
  if (unknown.length === 0) return [];
  return [
    refusal(
      "unknown-cell",
      `handoff.cells names ${unknown.join(", ")}, and the cluster has ${[...known, ...aliases.keys()].join(", ") || "no cells"}.`,
      "Name cells or aliases of cells that are there, or leave handoff.cells out.",
    ),
  ];
}

function nobodyToReadFrom(
  { plan, cells }: HandoffFacts,
  keyspace: string,
  shards: readonly ShardView[],
  tablets: readonly TabletFacts[],
  readers: readonly ShardView[],
  what: string,
): Finding[] {
  return shards.flatMap(({ name }) => {
    if (readingTablets(plan, tablets, name, readers, cells).length > 0) return [];
    const there = tablets.filter(({ shard }) => shard === name).map(({ type, cell }) => `${type} in ${cell}`);
    const where = plan.cells.length === 0 ? "near those that read" : `in ${plan.cells.join(", ")}`;
    return [
      refusal(
        "no-tablet",
        `Shard ${keyspace}/${name} has no tablet of the types ${plan.tabletTypes.join(", ")} ${where} for ${what} to read from; it has ${there.join(", ") || "none"}.`,
        "Set handoff.tabletTypes and handoff.cells to tablets that are there.",
      ),
    ];
  });
}

function notServing(tablets: readonly TabletFacts[], keyspace: string): Finding[] {
  const down = tablets.filter(({ serving }) => serving === false);
  return down.map(({ alias, shard, type }) =>
    (type === "PRIMARY" ? refusal : warning)(
      "tablet-not-serving",
      `Tablet ${alias}, ${type} of ${keyspace}/${shard}, does not serve.`,
      "Look at the tablet's log; VReplication runs in serving primaries and reads from serving tablets.",
    ),
  );
}
