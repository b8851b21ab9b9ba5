import { firstShard } from "./plan/sharding.ts";
import { readCells } from "./protocol/bytes.ts";
import { readColumn } from "./protocol/packets.ts";
import { refusal, SqlError } from "./refusal.ts";
import { ask, type Session, upstreamOf } from "./session.ts";
import { decodeString } from "./sql/literals.ts";
import { type Assignment, readSet } from "./sql/set.ts";
import { treatmentOf } from "./sql/system-variables.ts";
import type { Token } from "./sql/tokens.ts";
import type { Upstream } from "./upstream.ts";

/** The character sets vtgate takes in SET NAMES, all to no effect: its tablets speak utf8mb4. */
const characterSets = ["", "utf8", "utf8mb4", "latin1", "default"];
const workloads = ["unspecified", "oltp", "olap", "dba"];
/** Modes that change how statements are read (go/vt/vtgate/engine/set.go). */
const unsupportedModes = /\b(ANSI_QUOTES|NO_BACKSLASH_ESCAPES|PIPES_AS_CONCAT|REAL_AS_FLOAT|ANSI)\b/i;

/** SET, in any session: Vitess's own settings are kept here, others reach the shards' sessions, present and future. */
export async function runSet(session: Session, text: string, tokens: readonly Token[]): Promise<void> {
  for (const assignment of readSet(text, tokens)) await assign(session, assignment);
}

async function assign(session: Session, assignment: Assignment): Promise<void> {
  const { kind, name, value } = assignment;
  if (kind === "names") {
    if (!characterSets.includes(value)) throw new SqlError(1235, "42000", `charset/name ${value} is not supported`);
    return;
  }
  if (kind === "user") return assignUser(session, assignment);
  const treatment = treatmentOf(name);
  if (name === "workload") setWorkload(session, plain(value));
  if (treatment === "swallowed") return;
  if (treatment === "read-only")
    throw new SqlError(1238, "HY000", `VT03010: variable '${name}' is a read only variable`);
  if (treatment === "refused") throw refusal(`setting the variable "${name}"`);
  await apply(session, assignment);
}

function plain(value: string): string {
  return /^['"]/.test(value) ? decodeString(value) : value;
}

function setWorkload(session: Session, value: string): void {
  const workload = value.toLowerCase();
  if (!workloads.includes(workload)) throw new SqlError(1231, "42000", `invalid workload: ${value}`);
  session.workload = workload;
}

/** User variables live in the shard's session, so they mean something in a targeted session only. */
async function assignUser(session: Session, { name, value }: Assignment): Promise<void> {
  const shard = session.target?.shard ?? null;
  if (shard === null) throw refusal("a user variable");
  await ask(await upstreamOf(session, shard), `SET ${name} = ${value}`);
}

async function apply(session: Session, { name, value, derived }: Assignment): Promise<void> {
  const here = session.target?.shard ?? null;
  if (name === "autocommit") {
    const on = !/^(0|off|false|'off'|'0')$/i.test(value);
    if (!on && here === null) throw refusal("autocommit = 0 in an untargeted session");
    session.autocommit = on;
  }
  const first = await upstreamOf(session, here ?? firstShard(session.keyspace()));
  const settled = derived ? await literalOf(first, value) : value;
  if (name === "sql_mode" && unsupportedModes.test(settled)) {
    const mode = unsupportedModes.exec(settled)?.[0] ?? "";
    throw new SqlError(1235, "42000", `setting the ${mode.toUpperCase()} sql_mode is unsupported`);
  }
  const statement = `SET SESSION ${name} = ${settled}`;
  await ask(first, statement);
  session.settings.set(name, statement);
  for (const upstream of session.upstreams.values()) if (upstream !== first) await ask(upstream, statement);
}

/** Protocol types whose text needs no quotes. */
const numbers = [0, 1, 2, 3, 4, 5, 8, 9, 13, 246];

/** A derived value as a literal, for the shards' sessions that cannot work it out from the client's own variables. */
async function literalOf(upstream: Upstream, value: string): Promise<string> {
  const answer = await ask(upstream, `SELECT ${value}`);
  const [column] = answer.kind === "rows" ? answer.columns : [];
  const [row] = answer.kind === "rows" ? answer.rows : [];
  if (column === undefined || row === undefined) throw refusal("this value in SET");
  const cell = readCells(row, 1)[0] ?? null;
  if (cell === null) return "NULL";
  const text = cell.toString("latin1");
  if (numbers.includes(readColumn(column).type)) return text;
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
