import { byteKinds, type Column } from "../contracts/schema.ts";
import { membersOf } from "../mysql/column-type.ts";

/** How the file of {@link sourceTypes} begins, whatever command made it. */
export const sourceTypesMark = "// Made by `vtpipe types";

export interface TypedTable {
  readonly name: string;
  /** The columns a transform can work on: those that rows carry, in order. */
  readonly columns: readonly Column[];
}

/**
 * TypeScript for what transforms see of a source: `Source["database.table"]` has each column's cells as
 * `defineRowTransform` gives them. Text depends on tables and command alone; any name makes valid TypeScript.
 */
export function sourceTypes(database: string, tables: readonly TypedTable[], command: string): string {
  const sorted = tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    `${sourceTypesMark}${remark(command)}\`. Not to be edited: run it again when the source's tables have changed.`,
    "",
    "/** The source's tables by `database.table`: what a row has in each column. For `defineRowTransform` of vtpipe. */",
    "export interface Source {",
    ...sorted.flatMap(({ name, columns }) => [
      `  ${literal(`${database}.${name}`)}: {`,
      ...columns.flatMap((column) => [`    /** ${remark(sqlText(column))} */`, `    ${member(column)};`]),
      "  };",
    ]),
    "}",
    "",
    "/** Name of a table. */",
    "export type Table = keyof Source;",
    "",
    "/** Name of a column of a table. */",
    "export type Column<Name extends Table> = keyof Source[Name];",
    "",
  ].join("\n");
}

function member(column: Column): string {
  const sign = column.generated === null ? "" : "readonly ";
  return `${sign}${literal(column.name)}: ${cellType(column)}${column.nullable ? " | null" : ""}`;
}

/** As `CellOf` of the contracts has it, and the members of an ENUM by name; the empty one is its error value. */
function cellType(column: Column): string {
  if (byteKinds.has(column.kind)) return "Uint8Array";
  switch (column.kind) {
    case "integer":
      return `\`\${bigint}\``;
    case "decimal":
    case "float":
    case "double":
    case "year":
      return `\`\${number}\``;
    case "enum":
      return [...new Set([...membersOf(column.type), ""])].map(literal).join(" | ");
    default:
      return "string";
  }
}

function sqlText({ type, charset, nullable, generated }: Column): string {
  const set = charset === null || charset === "utf8mb4" ? "" : ` character set ${charset}`;
  return `${type}${set}${nullable ? "" : " not null"}${generated === null ? "" : `, ${generated} generated`}`;
}

/** A string literal of TypeScript on one line. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Text that ends no comment and no line. */
function remark(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, " ").replaceAll("*/", "*\\/");
}
