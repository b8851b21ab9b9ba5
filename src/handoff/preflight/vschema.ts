import type { Finding } from "../../contracts/finding.ts";
import { sequenceUses } from "../sequences.ts";
import { type CheckedTable, type HandoffCheck, type HandoffFacts, refusal, warning } from "./facts.ts";

/** Does the target's vschema place every table, and is nothing in it that only vtgate could keep up to date? */
export const checkVschema: HandoffCheck = (facts) =>
  facts.tables.flatMap((table) => [...placed(table, facts), ...ownedLookups(table, facts), ...sequence(table, facts)]);

function placed({ target, lane, source }: CheckedTable, { vschema, view }: HandoffFacts): Finding[] {
  if (!vschema.sharded) return [];
  const keyspace = view.names.targetKeyspace;
  const entry = entryOf(vschema, target);
  if (entry === undefined) {
    const todo = `Add it: vtctldclient ApplyVSchema, or ALTER VSCHEMA ON ${keyspace}.${target} ADD VINDEX ….`;
    return [refusal("not-in-vschema", `Table ${target} is not in the vschema of keyspace ${keyspace}.`, todo, source)];
  }
  if (entry.type === "reference") {
    if (lane !== "move-tables" || view.targetShards.length < 2) return [];
    return [
      warning(
        "reference-table",
        `Every shard has a copy of reference table ${target}: once traffic is switched, a write to it would come back to the source once per shard, and the second stops the way back.`,
        "Do not write to it between switch and complete, or leave it out and copy it within Vitess (Materialize).",
        source,
      ),
    ];
  }
  if (entry.columnVindexes.length > 0) return [];
  return [
    refusal(
      "no-vindex",
      `Table ${target} has no primary vindex in the vschema of keyspace ${keyspace}, so no stream knows which of its rows belong to a shard.`,
      "Give it a primary vindex, or the type reference.",
      source,
    ),
  ];
}

/** A table may be called `constructor`. */
function entryOf(
  { tables }: HandoffFacts["vschema"],
  target: string,
): HandoffFacts["vschema"]["tables"][string] | undefined {
  return Object.hasOwn(tables, target) ? tables[target] : undefined;
}

/** Streams write to the shards' MySQL, where nobody fills lookup tables. */
function ownedLookups({ target, source, lane }: CheckedTable, { vschema }: HandoffFacts): Finding[] {
  if (lane === "still") return [];
  const names = entryOf(vschema, target)?.columnVindexes.map(({ name }) => name) ?? [];
  const owned = names.filter((name) => vschema.vindexes[name]?.owner === target);
  return owned.map((name) =>
    refusal(
      "owned-lookup",
      `Table ${target} owns lookup vindex ${name}, and VReplication writes past vtgate: rows that arrive by it would be missing from the lookup.`,
      `Take ${name} off ${target} in the vschema; after the switch build it with vtctldclient LookupVindex create.`,
      source,
    ),
  );
}

function sequence(table: CheckedTable, { vschema, sequences }: HandoffFacts): Finding[] {
  return sequenceUses(vschema, [table]).flatMap(({ sequence: name, target, source }) => {
    const homes = sequences.get(name) ?? [];
    if (homes.length === 1) return [];
    const text =
      homes.length === 0
        ? `Sequence ${name} of table ${target} is in the vschema of no unsharded keyspace, so a switch could not set it above the copied rows.`
        : `Sequence ${name} of table ${target} is in several keyspaces (${homes.map(({ keyspace }) => keyspace).join(", ")}).`;
    const todo = "Put the sequence into the vschema of one unsharded keyspace, and name it as keyspace.sequence.";
    return [refusal("sequence", text, todo, source)];
  });
}
