import { bytesReader } from "./bytes-reader.ts";

/** How one column is stored in the rows that follow. */
export interface StoredColumn {
  /** MySQL's type number, of CHAR columns the real one. */
  readonly type: number;
  /** What the type needs to be read: longest length, bytes of a length, digits, bits. */
  readonly meta: number;
}

/** What a table's rows in the log look like, from its TABLE_MAP event. */
export interface TableMap {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly StoredColumn[];
}

export function tableIdOf(body: Buffer): number {
  return body.readUIntLE(0, 6);
}

export function parseTableMap(body: Buffer): TableMap {
  const reader = bytesReader(body, 8);
  const database = reader.take(reader.uint(1)).toString("utf8");
  reader.skip(1);
  const table = reader.take(reader.uint(1)).toString("utf8");
  reader.skip(1);
  const types = reader.take(reader.length());
  const meta = bytesReader(reader.take(reader.length()));
  const columns = Array.from(types, (type): StoredColumn => {
    switch (type) {
      case 4: // FLOAT
      case 5: // DOUBLE
      case 17: // TIMESTAMP
      case 18: // DATETIME
      case 19: // TIME
      case 242: // VECTOR
      case 245: // JSON
      case 249: // the four sizes of BLOB and TEXT
      case 250:
      case 251:
      case 252:
      case 255: // GEOMETRY
        return { type, meta: meta.uint(1) };
      case 15: // VARCHAR
        return { type, meta: meta.uint(2) };
      case 16: // BIT: bits beyond whole bytes, whole bytes
      case 246: // DECIMAL: digits, of which after the point
        return { type, meta: meta.uintBE(2) };
      case 247: // ENUM
      case 248: // SET
      case 254: // CHAR, BINARY and, by their real type, ENUM and SET
        return charColumn(meta.uint(1), meta.uint(1));
      case 20: // an array of a functional index, which is never logged
        throw new RangeError("a table map has a column of an array type");
      default:
        return { type, meta: 0 };
    }
  });
  return { database, table, columns };
}

/** Two bits of a CHAR's length beyond 255 ride, inverted, in the byte of its real type. */
function charColumn(first: number, second: number): StoredColumn {
  const high = (first & 0x30) ^ 0x30;
  return { type: first | 0x30, meta: second | (high << 4) };
}
