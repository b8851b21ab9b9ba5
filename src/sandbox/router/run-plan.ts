import { mergeAggregate } from "./plan/aggregates.ts";
import type { LocalRows, Plan } from "./plan/plan.ts";
import { shardNames } from "./plan/sharding.ts";
import { readCells, writeCell } from "./protocol/bytes.ts";
import { messageBytesMax } from "./protocol/capabilities.ts";
import { columnPayload, okPayload, readColumn, readOk, renameColumn, resultPayloads } from "./protocol/packets.ts";
import { refusal, SqlError } from "./refusal.ts";
import { type ClientOutput, relay } from "./relay.ts";
import { ask, limitError, limitsOf, type Session, statusOf, upstreamOf } from "./session.ts";
import { joinTransaction, writeEverywhere } from "./transaction.ts";

/** Carries out a plan. Returns the answer's payloads, or null when the answer has been relayed already. */
export async function runPlan(session: Session, plan: Plan, output: ClientOutput): Promise<Uint8Array[] | null> {
  switch (plan.kind) {
    case "nothing":
      return [ok(session)];
    case "local":
      return localAnswer(session, plan);
    case "shard":
      return runOnShard(session, plan, output);
    case "write":
      return runWrite(session, plan.statements);
    case "rows":
      return runRows(session, plan);
    case "aggregate":
      return runAggregate(session, plan);
    case "ddl":
      return runDdl(session, plan.sql);
    case "renamed":
      return runRenamed(session, plan);
  }
}

export function ok(session: Session, affectedRows = 0, lastInsertId = 0): Buffer {
  return okPayload({ affectedRows, lastInsertId, status: statusOf(session) });
}

function rowsAnswer(session: Session, columns: readonly Uint8Array[], rows: readonly Uint8Array[]): Uint8Array[] {
  return resultPayloads(columns, rows, session.capabilities, statusOf(session));
}

export function localAnswer(session: Session, { columns, rows, type }: LocalRows): Uint8Array[] {
  const cells = rows.map((row) => Buffer.concat(row.map(writeCell)));
  return rowsAnswer(
    session,
    columns.map((name) => columnPayload(name, type)),
    cells,
  );
}

async function runOnShard(
  session: Session,
  plan: Extract<Plan, { kind: "shard" }>,
  output: ClientOutput,
): Promise<Uint8Array[] | null> {
  const { shard, sql, writes, anyShard } = plan;
  const upstream = anyShard ? await upstreamOf(session, shard) : await joinTransaction(session, shard, writes);
  if (!writes) {
    await relay(session, upstream, Buffer.from(`\x03${sql}`, "latin1"), "query", output);
    return null;
  }
  const answer = await ask(upstream, sql);
  if (answer.kind === "rows") return rowsAnswer(session, answer.columns, answer.rows);
  const { affectedRows, lastInsertId } = readOk(answer.payload);
  if (lastInsertId !== 0) session.lastInsertId = lastInsertId;
  return [ok(session, affectedRows, lastInsertId)];
}

async function runWrite(session: Session, statements: ReadonlyMap<string, string>): Promise<Uint8Array[]> {
  const facts = (await writeEverywhere(session, statements)).map(readOk);
  const affectedRows = facts.reduce((sum, fact) => sum + fact.affectedRows, 0);
  const lastInsertId = facts.find((fact) => fact.lastInsertId !== 0)?.lastInsertId ?? 0;
  if (lastInsertId !== 0) session.lastInsertId = lastInsertId;
  return [ok(session, affectedRows, lastInsertId)];
}

/** The answers of some shards; one after the other, so no more than one is on its way. */
async function rowsOf(
  session: Session,
  shards: readonly string[],
  sql: string,
): Promise<{ columns: readonly Buffer[]; rows: readonly Buffer[] }[]> {
  const answers = [];
  for (const shard of shards) {
    const answer = await ask(await joinTransaction(session, shard, false), sql, limitsOf(session).rows);
    if (answer.kind !== "rows") throw refusal("a statement without rows over shards");
    answers.push(answer);
  }
  const counts = new Set(answers.map((answer) => answer.columns.length));
  if (counts.size > 1) throw new SqlError(1105, "HY000", "the table has not the same columns on every shard");
  return answers;
}

async function runRows(session: Session, plan: Extract<Plan, { kind: "rows" }>): Promise<Uint8Array[]> {
  const answers = await rowsOf(session, plan.shards, plan.sql);
  const rows = answers.flatMap((answer) => answer.rows).slice(0, plan.limit ?? Number.POSITIVE_INFINITY);
  const bytes = rows.reduce((sum, row) => sum + row.length, 0);
  const place = session.keyspace().name;
  if (rows.length > limitsOf(session).rows) throw limitError(place, "rows", bytes);
  // Held whole even for olap, where vtgate would stream: the stand-in keeps to one bound.
  if (bytes > messageBytesMax) throw limitError(place, "bytes", bytes);
  return rowsAnswer(session, answers[0]?.columns ?? [], rows);
}

async function runAggregate(session: Session, plan: Extract<Plan, { kind: "aggregate" }>): Promise<Uint8Array[]> {
  const answers = await rowsOf(session, plan.shards, plan.sql);
  const columns = answers[0]?.columns ?? [];
  const cells = answers.map((answer) => readCells(answer.rows[0] ?? Buffer.alloc(0), columns.length));
  const merged = plan.columns.map((how, i) => {
    const { type, name } = readColumn(columns[i] ?? Buffer.alloc(0));
    const values = cells.map((row) => row[i] ?? null);
    return writeCell(mergeAggregate(how, type, name.toString("utf8"), values));
  });
  return rowsAnswer(session, columns, [Buffer.concat(merged)]);
}

/** Schema changes are not atomic over shards, in Vitess neither; an error tells where the change is already made. */
async function runDdl(session: Session, sql: string): Promise<Uint8Array[]> {
  if (session.transaction !== null) throw refusal("a schema change inside a transaction");
  const done: string[] = [];
  for (const shard of shardNames(session.keyspace())) {
    try {
      await ask(await upstreamOf(session, shard), sql);
      done.push(shard);
    } catch (error) {
      if (done.length === 0 || !(error instanceof SqlError)) throw error;
      throw new SqlError(
        error.errno,
        error.sqlState,
        `${error.message} (on shard ${shard}; done on ${done.join(", ")})`,
      );
    }
  }
  return [ok(session)];
}

async function runRenamed(session: Session, plan: Extract<Plan, { kind: "renamed" }>): Promise<Uint8Array[]> {
  const answer = await ask(await upstreamOf(session, plan.shard), plan.sql);
  if (answer.kind !== "rows") throw refusal("SHOW TABLES in this form");
  const columns = answer.columns.map((column, i) => (i === 0 ? renameColumn(column, plan.column) : column));
  return rowsAnswer(session, columns, answer.rows);
}
