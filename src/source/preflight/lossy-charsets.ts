import type { Check } from "./finding.ts";
import { suspectTextColumns } from "./lossy-text.ts";

/** Text that may not come back byte for byte is named before it moves; whether any does not only a scan tells. */
export const checkLossyCharsets: Check = async ({ tables }) =>
  tables.flatMap((table) =>
    suspectTextColumns(table).map((column) => ({
      severity: "warning" as const,
      code: "lossy-charset",
      text: `Column ${column.name} of table ${table.name} is ${column.charset} text, of which some bytes do not survive the way over utf8mb4.`,
      todo: "Run `vtpipe plan --scan`, which names such rows.",
      table: table.name,
      column: column.name,
    })),
  );
