import type { Finding } from "../../contracts/finding.ts";
import { type Check, readVariables } from "./finding.ts";

/** Primary keys the server made itself (sql_generate_invisible_primary_key). */
export const checkInvisibleKeys: Check = async ({ session, tables }) => {
  const findings = tables
    .filter((table) => table.primaryKey.length === 1 && table.primaryKey[0] === "my_row_id")
    .filter((table) => table.columns.some((column) => column.name === "my_row_id" && column.invisible))
    .map(
      (table): Finding => ({
        severity: "warning",
        code: "generated-invisible-key",
        table: table.name,
        column: "my_row_id",
        text: `Table ${table.name} has the invisible primary key my_row_id that MySQL made: its values are moved with the rows, and shards would make the same values anew.`,
        todo: "Give the table a key of its own, or a sequence for my_row_id on the target.",
      }),
    );
  const shown = (await readVariables(session, ["show_gipk_in_create_table_and_information_schema"]))
    .values()
    .next().value;
  if (shown !== "OFF") return findings;
  return [
    ...findings,
    {
      severity: "warning",
      code: "invisible-keys-hidden",
      text: "The source hides primary keys that MySQL made itself: tables that have one are read as one stream, without that column.",
      todo: "SET GLOBAL show_gipk_in_create_table_and_information_schema = ON, to have them seen.",
    },
  ];
};
