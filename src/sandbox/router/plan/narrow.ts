import { literalInput, type VindexInput } from "../sql/literals.ts";
import { isOperator, isWord, nameOf, type Token } from "../sql/tokens.ts";

/**
 * The values a WHERE clause fixes a column to: one top-level `AND`ed condition `column = literal` or
 * `column IN (literals)`. null when there is none that is sure, and then every shard has to be asked, which is always right.
 */
export function fixedValues(text: string, where: readonly Token[], column: string): VindexInput[] | null {
  if (where.some((token) => isWord(token, "OR", "XOR", "BETWEEN", "NOT", "CASE") || isOperator(token, "||")))
    return null;
  for (const condition of conditionsOf(where)) {
    const values = valuesOf(text, condition, column);
    if (values !== null) return values;
  }
  return null;
}

function conditionsOf(where: readonly Token[]): Token[][] {
  const conditions: Token[][] = [[]];
  let depth = 0;
  for (const token of where) {
    if (isOperator(token, "(")) depth++;
    if (isOperator(token, ")")) depth--;
    if (depth === 0 && (isWord(token, "AND") || isOperator(token, "&&"))) conditions.push([]);
    else conditions.at(-1)?.push(token);
  }
  return conditions;
}

function valuesOf(text: string, condition: readonly Token[], column: string): VindexInput[] | null {
  const qualified = isOperator(condition[1], ".");
  const rest = condition.slice(qualified ? 2 : 0);
  const [subject, comparison, ...right] = rest;
  if (subject === undefined || nameOf(text, subject)?.toLowerCase() !== column) return null;
  if (isOperator(comparison, "=")) return literals(text, right, 1);
  if (!isWord(comparison, "IN") || !isOperator(right[0], "(") || !isOperator(right.at(-1), ")")) return null;
  return literals(text, right.slice(1, -1), Number.POSITIVE_INFINITY);
}

/** `literal, literal, …`; null when anything else is among them, or text whose escapes could be read in two ways. */
function literals(text: string, tokens: readonly Token[], most: number): VindexInput[] | null {
  const values: VindexInput[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const negative = isOperator(tokens[i], "-");
    if (negative) i++;
    const token = tokens[i];
    if (token === undefined) return null;
    const value = literalInput(token.kind, text.slice(token.start, token.end), negative);
    if (value === null || value.kind === "null") return null;
    values.push(value);
    i++;
    if (i < tokens.length && !isOperator(tokens[i], ",")) return null;
  }
  return values.length === 0 || values.length > most ? null : values;
}
