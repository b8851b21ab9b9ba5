import { badServers } from "./binary-log.ts";
import { type HandoffCheck, refusal } from "./facts.ts";

/** Do the target's servers take what streams write, and log it for the way back? */
export const checkTargetServers: HandoffCheck = ({ targets, plan, view, moment, tables }) => {
  const reversed = plan.tables.some(({ lane }) => lane === "move-tables");
  return [
    // Vitess lets neither kind of stream run with it, forth nor back.
    ...badServers(targets, ({ variables }) => variables.get("binlog_row_image") !== "MINIMAL", {
      code: "target-row-image",
      text: (at) => `binlog_row_image is MINIMAL at ${at} of the target: VReplication does not run there.`,
      todo: "SET GLOBAL binlog_row_image = 'FULL' on the target's primaries.",
    }),
    ...(reversed
      ? badServers(targets, ({ variables: v }) => v.get("log_bin") === "ON" && v.get("gtid_mode") === "ON", {
          code: "target-binary-log",
          text: (at) =>
            `log_bin or gtid_mode is not ON at ${at} of the target: nothing could be replicated back to the source.`,
          todo: "Start the target's servers with log_bin and gtid_mode ON.",
        })
      : []),
    ...targets
      .filter(({ unknownZones }) => unknownZones.length > 0)
      .map(({ tablet, unknownZones }) =>
        refusal(
          "time-zones",
          `The server of ${tablet} does not know the time zones ${unknownZones.join(", ")}, which transforms use: CONVERT_TZ would make every value NULL.`,
          "Fill its time zone tables: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql.",
        ),
      ),
    ...(moment === "copy" && view.moveTables === null
      ? targets.flatMap(({ tablet, filled }) => {
          const verbatim = tables.filter(({ lane, target }) => lane === "move-tables" && filled.includes(target));
          if (verbatim.length === 0) return [];
          const text = `The target's tables ${verbatim.map(({ target }) => target).join(", ")} hold rows at ${tablet}: Vitess makes no MoveTables workflow over rows.`;
          return [refusal("target-not-empty", text, "Empty them; the workflow has to be there before the copy.")];
        })
      : []),
  ];
};
