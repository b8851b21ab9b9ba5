import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { DumpedChunk, KeyBound } from "../../../src/contracts/chunk.ts";
import type { ManifestTable } from "../../../src/contracts/manifest.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import type { Column } from "../../../src/contracts/schema.ts";
import { findCells } from "../../../src/mysql/cells.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { keyBoundOf } from "../../../src/mysql/key-range.ts";
import { cellLiteral } from "../../../src/mysql/literal.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile } from "../../../src/store/chunk-file-writer.ts";
import { targetOver, type VerifyTarget } from "../../../src/verify/target.ts";
import { type TableVerdict, type VerifyTask, verifyTable } from "../../../src/verify/verify-table.ts";

export interface TableOptions {
  /** Column definitions, `name type`. */
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  /** Rows as SQL literals, in key order. */
  readonly rows: readonly (readonly string[])[];
  readonly rangesHold: boolean;
  readonly rowsPerChunk?: number;
}

/** A table that was dumped to chunk files and loaded into the shards, alternate rows on alternate shards. */
export interface MigratedTable extends AsyncDisposable {
  readonly name: string;
  readonly manifest: ManifestTable;
  readonly chunks: readonly DumpedChunk[];
  /** Runs on one shard. */
  run(shard: number, sql: string): Promise<void>;
  verify(changes?: Partial<VerifyTask>): Promise<TableVerdict>;
}

const local = { socketPath: null, tls: noTls } as const;

function shardAddresses(): ServerAddress[] {
  return inject("shardServers").map(({ host, port, user, password, database }) => ({
    scheme: "mysql",
    host,
    port,
    user,
    password,
    database,
    ...local,
  }));
}

/** Sessions to the shards as a run has them: through the gate, directed at each shard's primary. */
export async function gateTarget(): Promise<{ target: VerifyTarget; sessions: Session[] }> {
  const { host, port, user, password, keyspace, shards } = inject("vtgate");
  const sessions = await Promise.all(
    shards.map((shard) => {
      const database = `${keyspace}:${shard}@primary`;
      const address: ServerAddress = { scheme: "vtgate", host, port, user, password, database, ...local };
      return openSession(address, { purpose: "target" });
    }),
  );
  return { sessions, target: targetOver(new Map(shards.map((shard, i) => [shard, [sessions[i] as Session]]))) };
}

export async function migratedTable(name: string, options: TableOptions): Promise<MigratedTable> {
  const columns = options.columns.map((definition) => {
    const space = definition.indexOf(" ");
    return columnFromType(definition.slice(0, space), definition.slice(space + 1));
  });
  const definitions = options.columns.map((text) => text.replace(/^\S+/, (word) => quoteName(word)));
  const key = options.primaryKey.map(quoteName).join(", ");
  const create = `CREATE TABLE ${quoteName(name)} (${[...definitions, ...(key === "" ? [] : [`PRIMARY KEY (${key})`])].join(", ")})`;
  const sessions: Session[] = [];
  for (const address of shardAddresses()) sessions.push(await openSession(address, { purpose: "target" }));
  for (const session of sessions) {
    await session.run("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    await session.run(`DROP TABLE IF EXISTS ${quoteName(name)}`);
    await session.run(create);
  }
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-verify-"));
  const first = sessions[0] as Session;
  const chunks: DumpedChunk[] = [];
  const moves: { shard: number; row: string }[] = [];
  const rowsPerChunk = options.rowsPerChunk ?? 10;
  let after: KeyBound | null = null;
  for (let from = 0; from < options.rows.length; from += rowsPerChunk) {
    const part = options.rows.slice(from, from + rowsPerChunk);
    for (let i = 0; i < part.length; i += 200) {
      const values = part.slice(i, i + 200).map((row) => `(${row.join(", ")})`);
      await first.run(`INSERT INTO ${quoteName(name)} VALUES ${values.join(", ")}`);
    }
    // The first shard serves as the source: what it prints is what a dump holds, and then the rows go where they belong.
    const order = key === "" ? "" : ` ORDER BY ${key}`;
    const file = join(folder, `${chunks.length + 1}.zst`);
    const writer = createChunkFile(file, headerOf(name, columns), { frameBytes: 300 });
    let upTo: KeyBound | null = null;
    // UTC as a dump's session has it, so that timestamps do not depend on the server's zone.
    await first.run("SET SESSION time_zone = '+00:00'");
    for await (const batch of first.readRows(`SELECT ${readList(columns)} FROM ${quoteName(name)}${order}`)) {
      for (const one of singles(batch)) {
        await writer.write(one);
        moves.push({ shard: moves.length % sessions.length, row: literalsOf(columns, one) });
        const indexes = options.primaryKey.map((column) => columns.findIndex((c) => c.name === column));
        upTo = key === "" ? null : keyBoundOf(columns, indexes, one.bytes, 0, one.bytes.length);
      }
    }
    await first.run(`DELETE FROM ${quoteName(name)}`);
    const isLast = from + rowsPerChunk >= options.rows.length;
    const written = await writer.finish();
    chunks.push({
      chunk: `1-${chunks.length + 1}`,
      table: name,
      range: { after, upTo: isLast ? null : upTo },
      exhausted: isLast,
      file,
      rowsRead: written.rows,
      checksum: written.checksum,
      bytesRead: written.bytesRaw,
      bytesRaw: written.bytesRaw,
      bytesFile: written.bytesFile,
      sha256: written.sha256,
      largeRow: null,
    });
    after = upTo;
  }
  for (const [shard, session] of sessions.entries()) {
    const values = moves.filter((move) => move.shard === shard).map((move) => move.row);
    for (let i = 0; i < values.length; i += 200) {
      await session.run(`INSERT INTO ${quoteName(name)} VALUES ${values.slice(i, i + 200).join(", ")}`);
    }
  }

  const manifest: ManifestTable = {
    source: name,
    target: name,
    folder: "chunks/0001",
    columns,
    key: key === "" ? null : { index: "PRIMARY", columns: options.primaryKey },
    rangesHold: options.rangesHold,
    rangeColumns: options.rangesHold ? options.primaryKey : [],
    class: "identity",
    fingerprint: "f",
    createStatement: create,
  };
  const target = targetOver(new Map(sessions.map((session, i) => [`shard ${i}`, [session]])));
  return {
    name,
    manifest,
    chunks,
    run: async (shard, sql) => void (await sessions[shard]?.run(sql)),
    verify: (changes = {}) => verifyTable({ table: manifest, chunks, target, readChunk, ...changes }),
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) {
        await session.run(`DROP TABLE IF EXISTS ${quoteName(name)}`);
        await session.close();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function* readChunk(chunk: DumpedChunk): AsyncGenerator<RowBatch> {
  await using reader = await openChunkFile(chunk.file, { sha256: chunk.sha256 });
  yield* reader.batches();
}

function headerOf(name: string, columns: readonly Column[]): Parameters<typeof createChunkFile>[1] {
  return {
    chunk: "1-1",
    table: name,
    target: name,
    columns,
    key: null,
    range: { after: null, upTo: null },
    limitRows: null,
    snapshot: { id: 1, position: null },
    fingerprint: "f",
  };
}

function* singles({ bytes, offsets, rows }: RowBatch): Generator<RowBatch> {
  for (let row = 0; row < rows; row++) {
    const one = bytes.subarray(offsets[row], offsets[row + 1]);
    yield { bytes: one, offsets: Uint32Array.of(0, one.length), rows: 1 };
  }
}

function literalsOf(columns: readonly Column[], { bytes }: RowBatch): string {
  const bounds = new Int32Array(columns.length * 2);
  findCells(bytes, 0, bytes.length, columns.length, bounds);
  const literals = columns.map((column, i) => {
    const start = bounds[i * 2] as number;
    return cellLiteral(column, start < 0 ? null : bytes.subarray(start, bounds[i * 2 + 1]));
  });
  return `(${literals.join(", ")})`;
}
