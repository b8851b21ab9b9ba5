import pc from "picocolors";
import type {
  KeyVerdict,
  PreviewedColumn,
  PreviewedRow,
  PreviewedTable,
  PreviewReport,
} from "../../src/contracts/preview.ts";
import { formatCount } from "./format.ts";

/** A preview for people: per table its class, its columns, a diff of rows, and what is to be known. */
export function previewText({ tables, warnings, accepted }: PreviewReport): string {
  const more = accepted === 0 ? "" : accepted === 1 ? " One was accepted." : ` ${accepted} were accepted.`;
  const total =
    warnings === 0
      ? `No warnings.${more}`
      : pc.yellow(
          `${warnings} ${warnings === 1 ? "warning" : "warnings"}, marked with !${more === "" ? "" : `.${more}`}`,
        );
  return [...tables.map(tableText), total].join("\n\n");
}

function tableText(table: PreviewedTable): string {
  const name = table.source === table.target ? table.source : `${table.source} → ${table.target}`;
  const why = table.decidedBy === null ? "" : ` because of ${table.decidedBy}`;
  return [
    `${pc.bold(name)}: ${table.class}${why}`,
    indent(columnsText(table.columns)),
    indent(sampleText(table)),
    ...table.rows.flatMap((row) => rowText(row).map(indent)),
    ...table.uniqueKeys.map((key) => indent(keyText(key))),
    ...table.warnings.map(({ code, column, text, accepted }) => {
      const line = `${code}${column === null ? "" : ` ${column}`}: ${text}`;
      return indent(accepted ? pc.dim(`accepted: ${line}`) : pc.yellow(`! ${line}`));
    }),
  ].join("\n");
}

const indent = (line: string): string => `  ${line}`;

/** What becomes of the columns; of those that go as they are only the number. */
function columnsText(columns: readonly PreviewedColumn[]): string {
  const told = columns.flatMap(({ before, after, written }) => {
    if (after === null) return [`${before?.name} dropped`];
    if (before === null) return [`${after.name} added (${after.type})`];
    const renamed = before.name === after.name ? before.name : `${before.name} renamed to ${after.name}`;
    const retyped = before.type === after.type ? "" : ` (${before.type} → ${after.type})`;
    const changed = written ? " changed" : "";
    return renamed === before.name && !written && retyped === "" ? [] : [`${renamed}${changed}${retyped}`];
  });
  const same = columns.length - told.length;
  const rest =
    told.length === 0 ? `all ${same} columns as they are` : `${same} as ${same === 1 ? "it is" : "they are"}`;
  return `columns: ${[...told, rest].join(", ")}`;
}

function sampleText({ sample, rowsChecked, rows, heldAgainst }: PreviewedTable): string {
  const { rows: sampled, places, whole, filtered } = sample;
  const where = whole ? "all there are" : places === 1 ? "the first" : `from ${places} places of its key`;
  const left = filtered === 0 ? "" : `, of which ${formatCount(filtered)} are left out by a step`;
  const all = rowsChecked === null ? "" : `; all ${formatCount(rowsChecked)} rows were checked`;
  return pc.dim(
    `rows: ${formatCount(sampled)} sampled (${where})${left}, ${rows.length} shown${all}; held against the ${heldAgainst}`,
  );
}

/** One row as a diff: a line with - for what is at the source, one with + for what comes out. */
function rowText({ key, outcome, error, changes }: PreviewedRow): string[] {
  if (outcome === "failed") return [pc.red(`${key}: FAILS: ${error}`)];
  if (outcome === "filtered") return [`${key}: ${pc.red("left out")}`];
  if (changes.length === 0) return [`${key}: as it is`];
  const width = Math.max(...changes.map(({ column }) => [...column].length));
  return [
    `${key}:`,
    ...changes.flatMap(({ column, before, after }) => {
      const name = column + " ".repeat(width - [...column].length);
      const lines: string[] = [];
      if (before !== undefined) lines.push(pc.red(`  - ${name}  ${before ?? "NULL"}`));
      if (after !== undefined) lines.push(pc.green(`  + ${name}  ${after ?? "NULL"}`));
      return lines;
    }),
  ];
}

function keyText({ key, columns, keys, duplicates, exact }: KeyVerdict): string {
  const extent = exact ? "all" : "sampled";
  const verdict = `${formatCount(keys)} ${extent} keys, ${formatCount(duplicates)} equal to another`;
  return `unique key ${key} (${columns.join(", ")}): ${verdict}`;
}
