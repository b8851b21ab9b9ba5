import { quoteName, quoteString } from "../mysql/identifiers.ts";
import type { KeyPiece } from "./bridge.ts";
import type { LanedTable } from "./lanes.ts";

/** One rule of a stream: rows of a source table that go into the target table `match`. */
export interface StreamRule {
  readonly match: string;
  readonly filter: string;
}

/** Where a stream reads. */
export interface StreamOrigin {
  readonly keyspace: string;
  readonly shard: string;
}

/**
 * The rule by which one shard's stream makes the rows of `table`: the columns or their SQL twins, of the rows that
 * belong on `shard` (`-80`, `0`), inside `piece` of the key where there is one. The source understands only
 * conditions joined by AND (Vitess's vstreamer).
 */
export function streamRule(table: LanedTable, shard: string, piece: KeyPiece | null = null): StreamRule {
  const select = table.columns.map(({ name, expression }) => `${expression} as ${quoteName(name)}`).join(", ");
  const conditions = [
    ...(table.filter === null ? [] : [table.filter]),
    ...(piece ?? []),
    ...(table.sharding === null ? [] : [inKeyRange(table, table.sharding, shard)]),
  ];
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return { match: table.target, filter: `select ${select} from ${quoteName(table.source)}${where}` };
}

function inKeyRange(
  table: LanedTable,
  { vindex, columns }: NonNullable<LanedTable["sharding"]>,
  shard: string,
): string {
  const { untouched } = table;
  const names = columns.map((name) =>
    quoteName((Object.hasOwn(untouched, name) ? untouched[name] : undefined) ?? name),
  );
  return `in_keyrange(${[...names, quoteString(vindex), quoteString(shard)].join(", ")})`;
}

/** A `BinlogSource` in protobuf's text format, as `_vt.vreplication.source` holds it. */
export function streamSource(origin: StreamOrigin, rules: readonly StreamRule[]): string {
  const texts = rules.map(({ match, filter }) => `rules:{match:${protoText(match)} filter:${protoText(filter)}}`);
  return `keyspace:${protoText(origin.keyspace)} shard:${protoText(origin.shard)} filter:{${texts.join(" ")}}`;
}

/** A string of protobuf's text format: its escapes are C's, and every byte may be written as three octal digits. */
function protoText(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    out += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `${out}"`;
}
