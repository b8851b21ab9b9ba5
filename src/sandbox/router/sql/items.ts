import { isOperator, type Token } from "./tokens.ts";

/** The items of a list, cut at commas outside of parentheses. */
export function itemsOf(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isOperator(token, "(")) depth++;
    if (isOperator(token, ")")) depth--;
    if (depth === 0 && isOperator(token, ",")) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}
