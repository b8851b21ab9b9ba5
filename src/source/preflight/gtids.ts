import { tagsIn } from "../../mysql/gtid-set.ts";
import type { Check } from "./finding.ts";

/** Does the source give every transaction a GTID, and one that VReplication understands? */
export const checkGtids: Check = async ({ session }) => {
  // Not by SHOW VARIABLES, which cuts a value at 1024 characters.
  const [gtids] = await session.query("SELECT @@GLOBAL.gtid_mode AS mode, @@GLOBAL.gtid_executed AS executed");
  const mode = gtids?.["mode"] ?? "OFF";
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
  const tags = tagsIn(gtids?.["executed"] ?? "");
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
