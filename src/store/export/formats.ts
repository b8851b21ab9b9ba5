import type { RowFormatName } from "../../contracts/row-formats.ts";
import { csv } from "./csv.ts";
import { jsonLines } from "./json-lines.ts";
import type { MakeRowFormat } from "./row-format.ts";
import { sqlInserts } from "./sql.ts";
import { text } from "./text.ts";
import { tsv } from "./tsv.ts";

/** Every way `vtpipe inspect` prints the rows of a chunk file, by the name it has there. */
export const rowFormats: Readonly<Record<RowFormatName, MakeRowFormat>> = {
  text,
  json: jsonLines,
  sql: sqlInserts,
  csv,
  tsv,
};
