import type { Session } from "../mysql/session.ts";
import { errnoOf } from "./errno.ts";

/** Texts whose weights one statement asks for, and their bytes. */
const mostTexts = 500;
const mostBytes = 1 << 19;
/** ER_UNKNOWN_COLLATION, ER_UNKNOWN_CHARACTER_SET, ER_COLLATION_CHARSET_MISMATCH */
const unknown = new Set([1273, 1115, 1253]);

/**
 * For each text a hash that is equal exactly when the collation holds two texts equal, blanks at their ends counted. The
 * server computes it: no library has the tables of all collations. null when the server does not know the collation. Reads
 * no table.
 */
export async function collationWeights(
  session: Session,
  collation: string,
  texts: readonly Uint8Array[],
): Promise<readonly Buffer[] | null> {
  const charset = collation.split("_")[0] ?? "";
  if (!/^\w+$/.test(collation)) return null;
  const weights: Buffer[] = [];
  for (let from = 0; from < texts.length; ) {
    let to = from;
    for (let bytes = 0; to < texts.length && to - from < mostTexts && (to === from || bytes < mostBytes); to++) {
      bytes += (texts[to] as Uint8Array).length;
    }
    const list = texts.slice(from, to).map((text, i) => {
      const literal = `_utf8mb4 x'${Buffer.from(text).toString("hex")}'`;
      return `SHA2(WEIGHT_STRING(CONVERT(${literal} USING ${charset}) COLLATE ${collation}), 256) AS w${i}`;
    });
    try {
      const [row = {}] = await session.query(`SELECT ${list.join(", ")}`);
      // NULL: a weight too large for a packet.
      for (const i of list.keys()) weights.push(Buffer.from(row[`w${i}`] ?? (texts[from + i] as Uint8Array)));
    } catch (error) {
      if (!unknown.has(errnoOf(error) ?? 0)) throw error;
      return null;
    }
    from = to;
  }
  return weights;
}
