import type { Column, TableSchema } from "../../../src/contracts/schema.ts";
import { type LogItem, readLog } from "../../../src/mysql/binlog/read-log.ts";
import { findCells } from "../../../src/mysql/cells.ts";
import { includesSet, parsePosition, withGtid } from "../../../src/mysql/gtid-set.ts";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { inspectTables } from "../../../src/source/inspect.ts";

export async function executed(session: Session): Promise<string> {
  const [row] = await session.query("SELECT @@global.gtid_executed AS g");
  return row?.["g"] ?? "";
}

export async function tableOf(session: Session, database: string, name: string): Promise<TableSchema> {
  const [table] = await inspectTables(session, database, [name]);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

/** What the log tells from `from` on, up to what has been committed by now. */
export async function logFrom(
  from: string,
  address: ServerAddress,
  session: Session,
  tables: readonly TableSchema[],
): Promise<LogItem[]> {
  const until = parsePosition(await executed(session));
  const known = parsePosition(from);
  const items: LogItem[] = [];
  const followed = new Map(tables.map((table) => [table.name, { columns: table.columns, cells: table.columns }]));
  let position = known;
  if (includesSet(position, until)) return items;
  for await (const item of readLog({ address, database: address.database, tables: followed, position: known })) {
    if (item.type !== "idle") items.push(item);
    if (item.type !== "commit") continue;
    position = withGtid(position, item.gtid);
    if (includesSet(position, until)) break;
  }
  return items;
}

export interface Images {
  readonly before: string[];
  readonly after: string[];
}

export function imagesOf(items: readonly LogItem[], kind: string): Images {
  const images: Images = { before: [], after: [] };
  for (const item of items) {
    if (item.type !== "rows" || item.changes.kind !== kind) continue;
    for (const side of ["before", "after"] as const) {
      const batch = item.changes[side];
      for (let i = 0; batch !== null && i < batch.rows; i++) {
        images[side].push(batch.bytes.toString("hex", batch.offsets[i], batch.offsets[i + 1]));
      }
    }
  }
  return images;
}

/** Cells of rows in hex that are not what they should be, with their column. */
export function differing(columns: readonly Column[], found: readonly string[], wanted: readonly string[]): string[] {
  const cells = (hex: string): string[] => {
    const row = Buffer.from(hex, "hex");
    const bounds = new Int32Array(columns.length * 2);
    findCells(row, 0, row.length, columns.length, bounds);
    const text = (i: number): string =>
      bounds[i * 2] === -1 ? "NULL" : row.toString("latin1", bounds[i * 2], bounds[i * 2 + 1]).slice(0, 100);
    return columns.map((_, i) => text(i));
  };
  if (found.length !== wanted.length) return [`${found.length} rows instead of ${wanted.length}`];
  return wanted.flatMap((row, i) => {
    if (row === found[i]) return [];
    const theirs = cells(row);
    const ours = cells(found[i] as string);
    const wrong = columns.flatMap(({ name }, c) =>
      theirs[c] === ours[c] ? [] : [`row ${i}, ${name}: ${ours[c]} instead of ${theirs[c]}`],
    );
    return wrong.length > 0 ? wrong : [`row ${i}`];
  });
}
