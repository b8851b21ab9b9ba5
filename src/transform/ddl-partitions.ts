import { quoteName } from "../mysql/identifiers.ts";
import type { ColumnFates } from "./ddl-columns.ts";
import { firstGroup, isWord, type Token } from "./ddl-tokens.ts";

/** The options and partitions after the columns, as they are on the target. */
export interface Tail {
  readonly tokens: readonly Token[];
  /** Why the partitioning is left out; null when it stays or there is none. */
  readonly unpartitioned: string | null;
}

/** Table options without AUTO_INCREMENT=n: the target counts for itself. Partitions stay while their columns do. */
export function tailAfter(tail: readonly Token[], fates: ColumnFates): Tail {
  const start = tail.findIndex((token, i) => isWord(token, "PARTITION") && isWord(tail[i + 1], "BY"));
  const opens = start > 0 && tail[start - 1]?.text.startsWith("/*!") ? start - 1 : start;
  const options = withoutAutoIncrement(start === -1 ? tail : tail.slice(0, opens));
  if (start === -1) return { tokens: options, unpartitioned: null };
  const partitions = tail.slice(opens).map((token) => token);
  for (let i = 0; i < partitions.length; i++) {
    const by = isWord(partitions[i], "BY") && /^(SUB)?PARTITION$/i.test(partitions[i - 1]?.text ?? "");
    const group = by ? firstGroup(partitions, i) : null;
    if (group === null) continue;
    const inside = columnNames(partitions.slice(group.open, group.close + 1), fates);
    const { dropped, written } = fates.touched(inside);
    const [lost] = [...dropped, ...written];
    if (lost !== undefined) {
      const why = dropped.includes(lost) ? "left out" : "changed";
      return {
        tokens: options,
        unpartitioned: `column "${lost}", by which it is partitioned, is ${why} by a transform`,
      };
    }
    partitions.splice(group.open, inside.length, ...fates.renamed(inside));
  }
  return { tokens: [...options, ...partitions], unpartitioned: null };
}

/** MySQL prints partition columns with or without backticks, depending on the form; here they all get them. */
function columnNames(tokens: readonly Token[], fates: ColumnFates): Token[] {
  return tokens.map((token, i) => {
    const isColumn = token.kind === "word" && tokens[i + 1]?.text !== "(" && fates.of(token.text) !== null;
    return isColumn ? { ...token, kind: "name", text: quoteName(token.text) } : token;
  });
}

function withoutAutoIncrement(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => isWord(token, "AUTO_INCREMENT"));
  return at === -1 ? [...tokens] : [...tokens.slice(0, at), ...tokens.slice(at + 3)];
}
