import { expect } from "vitest";
import type { Column } from "../../../src/contracts/schema.ts";
import type { ConfiguredStep } from "../../../src/contracts/transform.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { columnDefinition } from "../../../src/transform/ddl-columns.ts";
import { type ChainPlan, planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { rowsOf } from "../../support/rows.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";

/** A chain to prove on a table of `id` and these columns; every row takes the next value of each. */
export interface Proof {
  /** Type and values by column name. */
  readonly columns: Readonly<Record<string, readonly [type: string, values: readonly string[]]>>;
  /** Each `{ name: parameters }`, perhaps with `when`. */
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

const registry = await loadRegistry([], "/");
const vtpipe = ["SET NAMES utf8mb4", "SET time_zone = '+00:00'", "SET sql_mode = ''"];
const applier = ["SET NAMES binary", "SET time_zone = '+00:00'", "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"];

export function configured(steps: Proof["steps"]): ConfiguredStep[] {
  return steps.map((step, i) => {
    const [name = ""] = Object.keys(step).filter((key) => key !== "when");
    const when = "when" in step ? { when: step["when"] } : {};
    return { name, parameters: step[name], path: `[${i}].${name}`, ...when };
  });
}

/**
 * Takes rows through the chain, and by its SQL form into a table like the target's: in vtpipe's own session, in one like
 * that of VReplication's applier, and there also with each row's values in place of the columns, as they come out of
 * the binlog. All have to give the bytes of the row form.
 */
export async function prove(name: string, { columns, steps }: Proof): Promise<ChainPlan> {
  const shape: readonly Column[] = [
    columnFromType("id", "int not null"),
    ...Object.entries(columns).map(([column, [type]]) => columnFromType(column, type)),
  ];
  const plan = planChain("t", shape, configured(steps), registry);
  await inOwnDatabase(`proof_${name}`.slice(0, 60), async (session) => {
    await settle(session, vtpipe);
    const created = Object.entries(columns).map(([column, [type]]) => `${quoteName(column)} ${type}`);
    await session.run(`CREATE TABLE t (id int not null primary key, ${created.join(", ")}) CHARSET=utf8mb4`);
    const samples = Object.entries(columns).map(([, [type, values]]) =>
      /not null/i.test(type) ? values : [...values, "NULL"],
    );
    const rows = Math.max(...samples.map(({ length }) => length));
    for (let row = 0; row < rows; row++) {
      // Columns after the first are shifted round by round, so that NULL meets values.
      const cells = samples.map((values, i) => values[(row + i * Math.floor(row / values.length)) % values.length]);
      await session.run(`INSERT INTO t VALUES (${[row, ...cells].join(", ")})`);
    }
    const list = [readList(shape), ...plan.computed.map(({ expression }) => expression)].join(", ");
    const wanted = await cells(session, `SELECT ${list} FROM t ORDER BY id`, (batch) => plan.apply(batch), plan);

    const target = plan.columns.map((column) => columnDefinition(column, null)).join(", ");
    const outputs = plan.columns.map(
      (_, i) => plan.twins.get(i) ?? quoteName(shape[plan.sources[i] ?? -1]?.name ?? ""),
    );
    const where = plan.filter === null ? "" : ` WHERE ${plan.filter}`;
    const forms: Record<string, () => Promise<void>> = {
      "vtpipe's session": async () => {
        await settle(session, vtpipe);
        await session.run(`INSERT INTO made SELECT ${outputs.join(", ")} FROM t${where} ORDER BY id`);
      },
      "VReplication's session": async () => {
        await settle(session, applier);
        await session.run(`INSERT INTO made SELECT ${outputs.join(", ")} FROM t${where} ORDER BY id`);
      },
      "VReplication's session with values": async () => {
        const literals = await rowLiterals(session, shape);
        await settle(session, applier);
        for (const row of literals) {
          await session.run(`INSERT INTO made SELECT ${outputs.join(", ")} FROM (SELECT ${row}) AS t${where}`);
        }
      },
    };
    for (const [form, fill] of Object.entries(forms)) {
      await session.run(`CREATE TABLE made (${target}) CHARSET=utf8mb4`);
      await fill();
      await settle(session, vtpipe);
      const found = await cells(session, `SELECT ${readList(plan.columns)} FROM made ORDER BY id`, same, plan);
      expect(found, `${form}: ${outputs.join(", ").slice(0, 2000)}`).toEqual(wanted);
      await session.run("DROP TABLE made");
    }
  });
  return plan;
}

const same = <T>(batch: T): T => batch;

async function settle(session: Session, settings: readonly string[]): Promise<void> {
  for (const setting of settings) await session.run(setting);
}

/** Rows as texts of their cells, `column: text (hex)`, so that a difference can be read. */
async function cells(
  session: Session,
  sql: string,
  through: ChainPlan["apply"],
  { columns, sources }: ChainPlan,
): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of session.readRows(sql)) {
    for (const row of rowsOf(through(batch), columns.length)) {
      rows.push(
        row.flatMap((cell, i) => {
          // What no step touches is no matter of twins.
          if (sources[i] !== null && i > 0) return [];
          return `${columns[i]?.name}: ${cell === null ? "NULL" : `${cell} (${cell.toString("hex")})`}`;
        }),
      );
    }
  }
  return rows;
}

/**
 * Each row as `literal AS column, …` in the forms of Vitess's binlog reader: text and bytes raw, in the column's own
 * character set; members of enums and sets as utf8; FLOAT as its shortest number; dates as text; numbers bare.
 */
async function rowLiterals(session: Session, shape: readonly Column[]): Promise<string[]> {
  const raw = shape.map(({ name, kind }) => {
    const column = quoteName(name);
    if (kind === "float") return `CAST(${column} AS DOUBLE)`;
    if (kind === "text") return `HEX(CAST(${column} AS BINARY))`;
    if (kind === "json" || kind === "enum" || kind === "set") return `HEX(CONVERT(${column} USING utf8mb4))`;
    if (kind === "binary" || kind === "geometry" || kind === "vector") return `HEX(${column})`;
    if (kind === "bit") return `HEX(CONCAT(x'', ${column}))`;
    return kind === "integer" && /zerofill/i.test(shape.find((c) => c.name === name)?.type ?? "")
      ? `${column} + 0`
      : column;
  });
  const found = await session.query(`SELECT ${raw.map((sql, i) => `${sql} AS c${i}`).join(", ")} FROM t ORDER BY id`);
  return found.map((row) =>
    shape.map((column, i) => `${literal(column, row[`c${i}`] ?? null)} AS ${quoteName(column.name)}`).join(", "),
  );
}

function literal({ kind }: Column, text: string | null): string {
  if (text === null) return "NULL";
  switch (kind) {
    case "integer":
    case "decimal":
    case "year":
      return text;
    case "double":
      return `${text}E0`.replace(/(e.*)E0$/, "$1");
    case "float":
      return shortestFloat(Number(text));
    case "json":
      return `CAST(CONVERT(x'${text}' USING utf8mb4) AS JSON)`;
    case "bit":
      return `x'${text}'`;
    case "text":
    case "enum":
    case "set":
    case "binary":
    case "geometry":
    case "vector":
      return `CAST(x'${text}' AS BINARY)`;
    case "date":
    case "time":
    case "datetime":
    case "timestamp":
      return `'${text}'`;
  }
}

/** The fewest digits that make the same FLOAT. */
function shortestFloat(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toExponential(digits - 1);
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return value.toExponential();
}
