import { refusal } from "../refusal.ts";
import { statementName } from "./head.ts";
import { itemsOf } from "./items.ts";
import { decodeString } from "./literals.ts";
import { isOperator, isWord, type Token } from "./tokens.ts";

/** One assignment of a SET statement. `name` is lower case; `value` as written. */
export interface Assignment {
  readonly kind: "system" | "user" | "names";
  readonly name: string;
  readonly value: string;
  /** Does the value depend on other variables? */
  readonly derived: boolean;
}

/** Reads `SET a = 1, @@session.b = 'x', NAMES x, CHARACTER SET x`; refuses global scope and SET's other verbs. */
export function readSet(text: string, tokens: readonly Token[]): Assignment[] {
  const body = isOperator(tokens.at(-1), ";") ? tokens.slice(1, -1) : tokens.slice(1);
  const [first] = body;
  const isolation = isolationOf(body);
  if (isolation !== null) return [isolation];
  if (isWord(first, "TRANSACTION", "PASSWORD", "ROLE", "DEFAULT", "RESOURCE")) throw refusal(statementName(tokens));
  return itemsOf(body).map((item) => assignmentOf(text, item));
}

function namesOf(text: string, token: Token | undefined): Assignment {
  if (token === undefined) throw refusal("this form of SET NAMES");
  const raw = text.slice(token.start, token.end);
  const value = (token.kind === "string" ? decodeString(raw) : raw).toLowerCase();
  return { kind: "names", name: "names", value, derived: false };
}

/** SET [SESSION] TRANSACTION ISOLATION LEVEL …; vtgate too gives it session scope. */
function isolationOf(body: readonly Token[]): Assignment | null {
  const words = body.slice(isWord(body[0], "SESSION", "LOCAL") ? 1 : 0).map((token) => token.value);
  const level = words.join(" ").match(/^TRANSACTION ISOLATION LEVEL ([A-Z ]+)$/)?.[1];
  if (level === undefined) return null;
  return { kind: "system", name: "transaction_isolation", value: `'${level.replaceAll(" ", "-")}'`, derived: false };
}

function assignmentOf(text: string, item: readonly Token[]): Assignment {
  if (isWord(item[0], "NAMES", "CHARSET")) return namesOf(text, item[1]);
  if (isWord(item[0], "CHARACTER") && isWord(item[1], "SET")) return namesOf(text, item[2]);
  const equals = item.findIndex((token) => isOperator(token, "=") || isOperator(token, ":="));
  const left = item.slice(0, equals);
  const right = item.slice(equals + 1);
  const [start, end] = [right[0]?.start, right.at(-1)?.end];
  if (equals < 0 || start === undefined || end === undefined) throw refusal("this form of SET");
  const scoped = left.length === 2 && isWord(left[0], "SESSION", "LOCAL") ? left.slice(1) : left;
  const [target, more] = scoped;
  if (target === undefined || more !== undefined) throw refusal(`SET ${left[0]?.value ?? ""}`);
  const derived = right.some((token) => token.kind === "variable");
  const value = text.slice(start, end);
  if (target.kind !== "variable") return { kind: "system", name: target.value.toLowerCase(), value, derived };
  if (!target.value.startsWith("@@")) return { kind: "user", name: target.value, value, derived };
  const name = target.value.toLowerCase().replace(/^@@((session|local)\.)?/, "");
  if (name.includes(".")) throw refusal(`setting ${target.value}`);
  return { kind: "system", name, value, derived };
}
