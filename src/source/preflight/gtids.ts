import { type Check, readVariables } from "./finding.ts";

/** Does the source give every transaction a GTID, and one that VReplication understands? */
export const checkGtids: Check = async ({ session }) => {
  const variables = await readVariables(session, ["gtid_mode", "gtid_executed"]);
  const mode = variables.get("gtid_mode") ?? "OFF";
  if (mode !== "ON") {
    return [
      {
        severity: "warning",
        code: "gtid-off",
        text: `The source's gtid_mode is ${mode}: the snapshot has no position, so handoff will not work, and it can only be taken under a lock.`,
        todo: "Turn GTIDs on, step by step as the MySQL manual says: gtid_mode OFF_PERMISSIVE, ON_PERMISSIVE, ON.",
      },
    ];
  }
  const tags = tagsIn(variables.get("gtid_executed") ?? "");
  if (tags.length === 0) return [];
  return [
    {
      severity: "warning",
      code: "gtid-tagged",
      text: `The source's gtid_executed has tagged GTIDs (${tags.join(", ")}): VReplication does not read them, so handoff will not work.`,
      todo: "Hand off from a server whose transactions carry no tag, or stop writes for the move.",
    },
  ];
};

/** The tags in a GTID set such as `uuid:1-5:audit:1-2`, each once. */
export function tagsIn(gtidSet: string): readonly string[] {
  const parts = gtidSet.split(",").flatMap((set) => set.trim().split(":").slice(1));
  return Array.from(new Set(parts.filter((part) => /^[a-z_]/i.test(part)))).toSorted();
}
