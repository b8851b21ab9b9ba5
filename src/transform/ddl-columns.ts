import type { Column } from "../contracts/schema.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { isWord, nameIn, type Token, textOf } from "./ddl-tokens.ts";
import type { ChainPlan, TableColumn } from "./plan-chain.ts";

/** What became of each source column, by name without case. */
export interface ColumnFates {
  /** null: the column is not on the target. */
  of(name: string): TableColumn | null;
  /** Columns of these tokens that are dropped, of which values change, of which the type changes. */
  touched(tokens: readonly Token[]): { dropped: string[]; written: string[]; retyped: string[] };
  /** The tokens with column names as they are on the target. */
  renamed(tokens: readonly Token[]): Token[];
}

/** `columns` are all of the table; those the plan knows nothing of (generated, not carried) stay as they are. */
export function columnFates(columns: readonly Column[], plan: ChainPlan): ColumnFates {
  const planned = new Set(plan.inputs.map(({ name }) => name.toLowerCase()));
  const fates = new Map<string, TableColumn>();
  for (const column of columns) {
    if (planned.has(column.name.toLowerCase())) continue;
    fates.set(column.name.toLowerCase(), { column, from: column.name, written: false, retyped: false });
  }
  for (const fate of plan.tableColumns) if (fate.from !== null) fates.set(fate.from.toLowerCase(), fate);
  const of = (name: string) => fates.get(name.toLowerCase()) ?? null;
  return {
    of,
    touched(tokens) {
      const names = [...new Set(tokens.filter(({ kind }) => kind === "name").map(nameIn))];
      return {
        dropped: names.filter((name) => of(name) === null),
        written: names.filter((name) => of(name)?.written === true),
        retyped: names.filter((name) => of(name)?.retyped === true),
      };
    },
    renamed: (tokens) =>
      tokens.map((token) => {
        if (token.kind !== "name") return token;
        const name = of(nameIn(token))?.column.name;
        return name === undefined ? token : { ...token, text: quoteName(name) };
      }),
  };
}

/** A column definition made from nothing but the column; `comment` is a string token to keep, or null. */
export function columnDefinition(column: Column, comment: string | null): string {
  const charset = column.charset === null ? "" : ` CHARACTER SET ${column.charset}`;
  const collation = column.collation === null ? "" : ` COLLATE ${column.collation}`;
  const nullable = column.nullable ? " NULL" : " NOT NULL";
  const invisible = column.invisible ? " /*!80023 INVISIBLE */" : "";
  return `${quoteName(column.name)} ${column.type}${charset}${collation}${nullable}${comment === null ? "" : ` COMMENT ${comment}`}${invisible}`;
}

/** A column's line on the target. */
export function columnLine(
  item: readonly Token[],
  fate: TableColumn,
  fates: ColumnFates,
  keepAutoIncrement: boolean,
): string {
  if (fate.retyped) return columnDefinition(fate.column, commentIn(item));
  const kept = keepAutoIncrement ? item : item.filter((token) => !isWord(token, "AUTO_INCREMENT"));
  return textOf(fates.renamed(kept)).trimStart();
}

function commentIn(item: readonly Token[]): string | null {
  const at = item.findIndex((token) => isWord(token, "COMMENT"));
  const next = at === -1 ? undefined : item[at + 1];
  return next?.kind === "string" ? next.text : null;
}

/** Does the column have a default or a value computed from other columns that are no longer what they were? */
export function brokenReferences(item: readonly Token[], fates: ColumnFates): { names: string[]; generated: boolean } {
  const { dropped, written, retyped } = fates.touched(item.slice(1));
  return {
    names: [...new Set([...dropped, ...written, ...retyped])],
    generated: item.some((token) => isWord(token, "GENERATED")),
  };
}
