/** Quoted names and texts; what is left of a definition without them is its structure. */
const quoted = /`(?:[^`]|``)*`|'(?:[^'\\]|''|\\[\s\S])*'/g;

/**
 * Is this one ordinary key as a line of SHOW CREATE TABLE has it, ``KEY `a` (`b`) …``, and nothing more? It goes into an ALTER TABLE,
 * where a comma outside of parentheses would begin another change.
 */
export function isKeyDefinition(text: string): boolean {
  const bare = text.replace(quoted, "q");
  if (!bare.startsWith("KEY q (") || /[`'"\\;#]|--|\/\*/.test(bare)) return false;
  let depth = 0;
  for (const character of bare) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth < 0 || (depth === 0 && character === ",")) return false;
  }
  return depth === 0;
}
