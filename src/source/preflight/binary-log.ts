import type { Finding } from "../../contracts/finding.ts";
import { type Check, readVariables } from "./finding.ts";

/** Can the binary log carry a handoff? A dump and load work without. */
export const checkBinaryLog: Check = async ({ session }) => {
  const variables = await readVariables(session, ["log_bin", "binlog_format", "binlog_row_image"]);
  const warning = (code: string, text: string, todo: string): Finding => ({ severity: "warning", code, text, todo });
  if (variables.get("log_bin") !== "ON") {
    return [
      warning(
        "binary-log-off",
        "The source's binary log is off: it can be dumped and loaded, but changes made after the snapshot cannot be caught up.",
        "Start the source with log_bin to hand off, or stop writes for the move.",
      ),
    ];
  }
  const findings: Finding[] = [];
  const format = variables.get("binlog_format") ?? "ROW"; // servers without the variable know no other
  if (format !== "ROW") {
    findings.push(
      warning(
        "binary-log-format",
        `The source's binlog_format is ${format}: VReplication needs ROW, so handoff will not work.`,
        "SET GLOBAL binlog_format = 'ROW', and let clients reconnect.",
      ),
    );
  }
  const image = variables.get("binlog_row_image") ?? "FULL";
  if (image !== "FULL") {
    findings.push(
      warning(
        "binary-log-row-image",
        `The source's binlog_row_image is ${image}: VReplication needs FULL rows, so handoff will not work.`,
        "SET GLOBAL binlog_row_image = 'FULL', and let clients reconnect.",
      ),
    );
  }
  return findings;
};
