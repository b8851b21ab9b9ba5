import type { PreviewWarning } from "../../contracts/preview.ts";
import { firstGroup, isWord, nameIn, parseCreateTable, textOf } from "../ddl-tokens.ts";
import type { ChainPlan } from "../plan-chain.ts";

/** A unique key with an expression among its parts: its values are the server's, and nothing here can compute them. */
export interface ExpressionKey {
  readonly name: string;
  /** As CREATE TABLE has it. */
  readonly parts: string;
  /** Every column it looks at. */
  readonly columns: readonly string[];
}

/** The unique keys over expressions in a SHOW CREATE TABLE text. */
export function expressionKeysOf(createStatement: string): ExpressionKey[] {
  if (createStatement === "") return [];
  return parseCreateTable(createStatement).items.flatMap((item): ExpressionKey[] => {
    const group = isWord(item[0], "UNIQUE") ? firstGroup(item) : null;
    if (group === null) return [];
    const inside = item.slice(group.open + 1, group.close);
    const isExpression = inside.some(({ text }, i) => text === "(" && (i === 0 || inside[i - 1]?.text === ","));
    if (!isExpression) return [];
    const name = item.slice(0, group.open).find(({ kind }) => kind === "name");
    const columns = inside.filter(({ kind }) => kind === "name").map(nameIn);
    return [
      { name: name === undefined ? "" : nameIn(name), parts: textOf(inside).trim(), columns: [...new Set(columns)] },
    ];
  });
}

/** Says that such a key was not checked, where steps make values it looks at: silence would be taken for a check. */
export function expressionWarnings(chain: ChainPlan, createStatement: string): PreviewWarning[] {
  const made = new Map(
    chain.tableColumns
      .filter(({ from, written }) => written || from === null)
      .map(({ column }) => [column.name.toLowerCase(), column.name]),
  );
  return expressionKeysOf(createStatement).flatMap(({ name, parts, columns }): PreviewWarning[] => {
    const changed = columns.flatMap((column) => made.get(column.toLowerCase()) ?? []);
    const [first] = changed;
    if (first === undefined) return [];
    const text = `Unique key ${name} is over ${parts}, which only the server can compute, and steps make the values of ${changed.map((column) => `"${column}"`).join(", ")}. Whether they stay apart was not checked: load into a target of no consequence first, or leave the key out until rows are there.`;
    return [{ code: "uniqueness-at-risk", column: first, text }];
  });
}
