import { serverVersion } from "../protocol/client-login.ts";
import { isOperator, type Token } from "./tokens.ts";

/** Says what this server is, and that it is not Vitess. */
export const versionComment = "vtpipe stand-in router, not Vitess";

/** What vtgate answers itself instead of asking a shard, in a SELECT without FROM. */
export interface SessionFacts {
  /** As in `USE`: "main:-80@primary". */
  readonly target: string;
  readonly lastInsertId: number;
  readonly workload: string;
  /** Replace the functions that only have a meaning for a whole session: LAST_INSERT_ID(). */
  readonly untargeted: boolean;
}

const quoteText = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/**
 * The statement with @@version, @@version_comment, @@workload, DATABASE() and SCHEMA() replaced by this
 * server's values, each under the column name it was asked by. Other text is kept byte for byte.
 */
export function answerVitessFunctions(text: string, tokens: readonly Token[], facts: SessionFacts): string {
  let out = "";
  let kept = 0;
  for (let i = 1; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    const call = isOperator(tokens[i + 1], "(") && isOperator(tokens[i + 2], ")");
    const last = call ? tokens[i + 2] : token;
    const value = token.kind === "variable" ? variableValue(token, facts) : call ? functionValue(token, facts) : null;
    if (value === null || last === undefined) continue;
    const written = text.slice(token.start, last.end);
    const following = tokens[i + (call ? 3 : 1)];
    const before = tokens[i - 1];
    const wholeColumn =
      (i === 1 || isOperator(before, ",")) &&
      (following === undefined ||
        isOperator(following, ",") ||
        following.value === "LIMIT" ||
        isOperator(following, ";"));
    const alias = wholeColumn ? ` AS \`${written.replaceAll("`", "``")}\`` : "";
    out += text.slice(kept, token.start) + value + alias;
    kept = last.end;
  }
  return out + text.slice(kept);
}

function variableValue(token: Token, facts: SessionFacts): string | null {
  const name = token.value.toLowerCase().replace(/^@@(session\.|local\.)?/, "");
  if (name === "version") return quoteText(serverVersion);
  if (name === "version_comment" || name === "@@global.version_comment") return quoteText(versionComment);
  if (name === "workload") return quoteText(facts.workload.toUpperCase());
  return null;
}

function functionValue(token: Token, facts: SessionFacts): string | null {
  if (token.kind !== "word") return null;
  if (token.value === "DATABASE" || token.value === "SCHEMA")
    return facts.target === "" ? "NULL" : quoteText(facts.target);
  if (token.value === "LAST_INSERT_ID" && facts.untargeted) return String(facts.lastInsertId);
  return null;
}
