import type { Keyspace } from "../keyspace.ts";
import { refusal, SqlError } from "../refusal.ts";
import { statementName } from "../sql/head.ts";
import { isOperator, isWord, type Token, tokensOf } from "../sql/tokens.ts";
import type { SessionFacts } from "../sql/vitess-functions.ts";
import { planChange } from "./change.ts";
import { planDdl } from "./ddl.ts";
import { planInsert } from "./insert.ts";
import type { Plan } from "./plan.ts";
import { planSelect } from "./select.ts";
import { planShow, type ShowFacts } from "./show.ts";

/** Only an INSERT may be long: it alone is read without holding its tokens. */
const statementBytesMax = 1 << 20;

/** What to do for a statement of an untargeted session; throws a refusal that names what is not supported. */
export function planStatement(
  sql: Buffer,
  head: readonly Token[],
  keyspace: Keyspace,
  facts: SessionFacts & ShowFacts,
): Plan {
  const verb = head[0];
  if (verb === undefined) return { kind: "nothing" };
  const text = sql.toString("latin1");
  if (isWord(verb, "INSERT", "REPLACE")) return planInsert(text, keyspace);
  if (sql.length > statementBytesMax) throw refusal(`${statementName(head)} longer than 1 MiB`);
  const tokens = tokensOf(text);
  if (tokens.at(-1)?.kind === "bad")
    throw new SqlError(1064, "42000", "syntax error: a literal or comment does not end");
  const several = tokens.findIndex((token) => isOperator(token, ";"));
  if (several >= 0 && several < tokens.length - 1) throw new SqlError(1149, "42000", "Expected a single statement");
  switch (verb.kind === "word" ? verb.value : "") {
    case "SELECT":
      return planSelect(text, tokens, keyspace, facts);
    case "UPDATE":
    case "DELETE":
      return planChange(text, tokens, keyspace);
    case "SHOW":
      return planShow(text, tokens, keyspace, facts);
    case "DESC":
    case "DESCRIBE":
      return planDescribe(text, tokens, keyspace, facts);
    case "CREATE":
    case "ALTER":
    case "DROP":
    case "TRUNCATE":
    case "RENAME":
      return planDdl(text, tokens, keyspace.name);
    case "LOAD":
      throw new SqlError(1235, "42000", "LOAD is not supported on sharded keyspace");
    default:
      throw refusal(statementName(tokens));
  }
}

/** DESCRIBE t is SHOW COLUMNS FROM t. */
function planDescribe(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan {
  const table = tokens[1];
  if (table === undefined || tokens.length > 4) throw refusal(statementName(tokens));
  const show = `SHOW COLUMNS FROM ${text.slice(table.start)}`;
  return planShow(show, tokensOf(show), keyspace, facts);
}
