import { refusal } from "../refusal.ts";
import { statementName } from "../sql/head.ts";
import { stripKeyspace } from "../sql/qualifier.ts";
import { isWord, type Token } from "../sql/tokens.ts";
import type { Plan } from "./plan.ts";

const indexKinds = ["UNIQUE", "FULLTEXT", "SPATIAL"];

/** CREATE/ALTER/DROP/RENAME/TRUNCATE TABLE and CREATE/DROP INDEX, which every shard gets alike. */
export function planDdl(text: string, tokens: readonly Token[], keyspace: string): Plan {
  const [verb, object] = tokens;
  const index = isWord(verb, "CREATE") && indexKinds.includes(object?.value ?? "") ? tokens[2] : object;
  const known =
    isWord(object, "TABLE") ||
    (isWord(verb, "CREATE", "DROP") && isWord(index, "INDEX")) ||
    (isWord(verb, "TRUNCATE") && object !== undefined);
  if (!known) throw refusal(statementName(tokens));
  // Executable comments pass: SHOW CREATE TABLE prints partitions and options inside them.
  if (tokens.some((token) => isWord(token, "SELECT"))) throw refusal("CREATE TABLE … SELECT over shards");
  return { kind: "ddl", sql: stripKeyspace(text, tokens, keyspace) };
}
