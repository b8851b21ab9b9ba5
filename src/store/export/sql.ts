import type { Column } from "../../contracts/schema.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { cellLiteral } from "../../mysql/literal.ts";
import type { MakeRowFormat } from "./row-format.ts";
import { forEachRow } from "./row-format.ts";

/** Characters of VALUES in a statement: far below every default max_allowed_packet; a larger row stands alone. */
const statementLength = 512 * 1024;

/** INSERT statements for the target table. Zero dates, index-0 enums and a zero auto_increment keep their values. */
export const sqlInserts: MakeRowFormat = ({ columns, target }) => {
  const inserted = columns.map((column) => column.generated === null);
  const names = columns.filter((_, index) => inserted[index]).map((column) => quoteName(column.name));
  const start = `INSERT INTO ${quoteName(target)} (${names.join(", ")}) VALUES\n`;
  return {
    head: () => Buffer.from("SET NAMES utf8mb4;\nSET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n"),
    rows: (batch) => {
      const parts: string[] = [];
      let length = 0;
      forEachRow(batch, columns.length, (cells) => {
        const literals = cells.map((cell, index) => cellLiteral(columns[index] as Column, cell));
        const row = `(${literals.filter((_, index) => inserted[index]).join(",")})`;
        const isNew = length === 0 || length + row.length > statementLength;
        if (isNew) length = 0;
        parts.push(isNew ? `${parts.length === 0 ? "" : ";\n"}${start}` : ",\n", row);
        length += row.length;
      });
      if (parts.length > 0) parts.push(";\n");
      return Buffer.from(parts.join(""));
    },
  };
};
