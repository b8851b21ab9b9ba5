import { noWarnings } from "./plan/show.ts";
import { planStatement } from "./plan/statement.ts";
import { createPreparedStatements, type PreparedStatements } from "./prepared.ts";
import { messageBytesMax } from "./protocol/capabilities.ts";
import type { Command } from "./protocol/command-reader.ts";
import { frame } from "./protocol/packets.ts";
import { refusal, SqlError, tooLarge } from "./refusal.ts";
import { type ClientOutput, placeOf, relay } from "./relay.ts";
import { localAnswer, ok, runPlan } from "./run-plan.ts";
import { dropUpstreams, type Session, statusOf, upstreamOf } from "./session.ts";
import { runSet } from "./set-command.ts";
import { headOf } from "./sql/head.ts";
import { stripKeyspace } from "./sql/qualifier.ts";
import { parseTarget } from "./sql/target.ts";
import { isOperator, isWord, nameOf, type Token, tokensOf } from "./sql/tokens.ts";
import { answerVitessFunctions, type SessionFacts } from "./sql/vitess-functions.ts";
import { begin, endTransaction } from "./transaction.ts";

const code = {
  quit: 0x01,
  initDatabase: 0x02,
  query: 0x03,
  ping: 0x0e,
  prepare: 0x16,
  execute: 0x17,
  longData: 0x18,
  close: 0x19,
  reset: 0x1a,
  resetConnection: 0x1f,
} as const;

/** gRPC's message carries the statement and a little more. */
const commandBytesMax = messageBytesMax - 1024;

/** Statements rewritten before they reach a shard are read whole only up to here; larger ones are data. */
const rewriteBytesMax = 65_536;

export interface CommandRunner {
  /** Answers one command; false: the client said goodbye. Errors for the client are thrown as SqlError. */
  run(command: Command): Promise<boolean>;
}

export function createCommandRunner(session: Session, startedAt: Date, output: ClientOutput): CommandRunner {
  const prepared = createPreparedStatements();

  async function run(command: Command): Promise<boolean> {
    const { payload, bytes } = command;
    if (payload === null || bytes > commandBytesMax) {
      const shard = session.target?.shard;
      const place = shard === null || shard === undefined ? session.keyspace().name : placeOf(session, shard);
      throw tooLarge(place, "request", bytes, messageBytesMax);
    }
    if (payload[0] === code.quit) return false;
    const answer = await answerCommand(payload);
    if (answer !== null) await output.write(frame(answer, command.sequence));
    return true;
  }

  async function answerCommand(payload: Buffer): Promise<Uint8Array[] | null> {
    switch (payload[0]) {
      case code.initDatabase:
        useTarget(session, payload.toString("utf8", 1));
        return [ok(session)];
      case code.query:
        return runQuery(payload);
      case code.ping:
        return [ok(session)];
      case code.prepare:
        await runPrepare(session, prepared, payload, output);
        return null;
      case code.execute:
      case code.reset:
        await prepared.run(session, payload, output);
        return null;
      case code.longData:
      case code.close:
        await prepared.send(session, payload);
        return null;
      case code.resetConnection:
        resetSession(session, prepared);
        return [ok(session)];
      default:
        throw new SqlError(
          1047,
          "08S01",
          `vtpipe stand-in router: command ${payload[0] ?? "of no bytes"} is not supported`,
        );
    }
  }

  async function runQuery(payload: Buffer): Promise<Uint8Array[] | null> {
    const sql = payload.subarray(1);
    const { text, tokens } = headOf(sql);
    const own = await runOwn(sql, text, tokens);
    if (own !== null) return own;
    const shard = session.target?.shard ?? null;
    const facts = {
      ...sessionFacts(session),
      startedAt,
      keyspaceSelected: session.target !== null,
    };
    if (shard === null) return runPlan(session, planStatement(sql, tokens, session.keyspace(), facts), output);
    const forwarded = rewritten(session, sql, tokens);
    const upstream = await upstreamOf(session, shard);
    const command = forwarded === null ? payload : Buffer.from(`\x03${forwarded}`, "latin1");
    await relay(session, upstream, command, "query", output);
    return null;
  }

  /** Statements that vtgate itself answers, whatever the target; null for all others. */
  async function runOwn(sql: Buffer, text: string, head: readonly Token[]): Promise<Uint8Array[] | null> {
    const verb = head[0];
    const targeted = (session.target?.shard ?? null) !== null;
    const whole = (): Token[] => tokensOf(sql.toString("latin1"));
    if (isWord(verb, "USE")) {
      useTarget(session, targetText(text, head));
    } else if (isWord(verb, "SET")) {
      if (sql.length > rewriteBytesMax) throw refusal("a SET longer than 64 KiB");
      await runSet(session, sql.toString("latin1"), whole());
    } else if (isWord(verb, "KILL")) {
      throw new SqlError(1095, "HY000", "VT07001: kill statement execution not permitted.");
    } else if (targeted && isWord(verb, "SHOW") && isWord(head[1], "WARNINGS") && !(statusOf(session) & 1)) {
      // Outside of a transaction vttablet asks any connection of its pool, so what comes back says nothing.
      return localAnswer(session, noWarnings);
    } else if (!targeted && isWord(verb, "BEGIN", "START")) {
      if (isWord(verb, "START") && !isWord(head[1], "TRANSACTION")) return null;
      if (head.length > 2 && !isOperator(head[2], ";")) throw refusal("this form of START TRANSACTION");
      begin(session);
    } else if (!targeted && isWord(verb, "COMMIT", "ROLLBACK")) {
      if (head.some((token) => isWord(token, "TO", "CHAIN", "RELEASE")))
        throw refusal(`this form of ${verb?.value ?? ""}`);
      await endTransaction(session, isWord(verb, "COMMIT") ? "COMMIT" : "ROLLBACK");
    } else return null;
    return [ok(session)];
  }

  return { run };
}

function sessionFacts(session: Session): SessionFacts {
  return {
    target: session.target?.text ?? "",
    lastInsertId: session.lastInsertId,
    workload: session.workload,
    untargeted: (session.target?.shard ?? null) === null,
  };
}

/** Everything after USE, however it is quoted. */
function targetText(text: string, head: readonly Token[]): string {
  const [, first, second] = head;
  if (first === undefined) throw new SqlError(1064, "42000", "syntax error: USE without a database");
  if (first.kind === "name" && (second === undefined || isOperator(second, ";"))) return nameOf(text, first) ?? "";
  return text
    .slice(first.start)
    .replace(/[;\s]+$/, "")
    .replaceAll("`", "");
}

/** Selects the target; throws before anything has changed. */
export function useTarget(session: Session, text: string): void {
  const target = parseTarget(text, session.keyspace().name);
  const changes = target.shard !== (session.target?.shard ?? null);
  if (changes && statusOf(session) & 1) throw refusal("changing the target inside a transaction");
  session.target = target;
}

async function runPrepare(
  session: Session,
  prepared: PreparedStatements,
  payload: Buffer,
  output: ClientOutput,
): Promise<void> {
  const shard = session.target?.shard ?? null;
  if (shard === null) throw refusal("a prepared statement in an untargeted session");
  const forwarded = rewritten(session, payload.subarray(1), headOf(payload.subarray(1)).tokens);
  const command = forwarded === null ? payload : Buffer.from(`\x16${forwarded}`, "latin1");
  await prepared.prepare(session, shard, command, output);
}

/**
 * The few things vtgate changes in a statement for one shard: the keyspace's name before tables goes, and a SELECT
 * without FROM gets vtgate's own version and database name. null: the statement goes as it is, byte for byte.
 */
function rewritten(session: Session, sql: Buffer, head: readonly Token[]): string | null {
  const { name } = session.keyspace();
  const qualified = sql.includes(`${name}.`) || sql.includes(`\`${name}\``);
  const select = isWord(head[0], "SELECT");
  const functions = select && /@@|database|schema/i.test(sql.toString("latin1", 0, Math.min(sql.length, 1024)));
  if (!qualified && !functions) return null;
  const long = sql.length > rewriteBytesMax;
  const text = sql.toString("latin1");
  const tokens = long ? head : tokensOf(text);
  const stripped = qualified ? stripKeyspace(text, tokens, name) : text;
  if (!functions || tokens.some((token) => isWord(token, "FROM"))) return stripped;
  return answerVitessFunctions(text, tokens, sessionFacts(session));
}

function resetSession(session: Session, prepared: PreparedStatements): void {
  dropUpstreams(session);
  prepared.clear();
  session.settings.clear();
  session.transaction = null;
  session.autocommit = true;
  session.workload = "oltp";
  session.lastInsertId = 0;
}
