import type { SandboxState } from "../../src/sandbox/state-file.ts";
import { changeVschema } from "../../src/sandbox/target-vschema.ts";
import { mergeVschema, type TableJson } from "../../src/sandbox/vschema-json.ts";
import { vtctldCommand } from "../../src/sandbox/vtctld-command.ts";
import { adminSession, type World } from "../world.ts";

/** The tables {@link makeSmallTables} makes. */
export const smallGlob = "small_*";
export const SMALL_ROWS = 10;

/** Servers work on this many statements at once; more do not make them faster. */
const SESSIONS = 4;

const nameOf = (number: number): string => `small_${String(number).padStart(5, "0")}`;
const namesOf = (tables: number): string[] => Array.from({ length: tables }, (_, at) => nameOf(at + 1));

const createSql = (name: string): string => `CREATE TABLE ${name} (
  id bigint NOT NULL, name varchar(80) NOT NULL, created_at datetime(3) NOT NULL, notes text,
  PRIMARY KEY (id), KEY name (name)
) DEFAULT CHARSET=utf8mb4`;

const rowSql = Array.from(
  { length: SMALL_ROWS },
  (_, at) => `(${at + 1}, 'name ${at + 1}', '2024-01-01 00:00:00.000', REPEAT('some note ', ${at}))`,
).join(", ");

type Server = SandboxState["source"] | SandboxState["shards"][number];

/** Makes so many tables of ten rows on the source and, empty, on the target, past its gate: one table at a time there takes hours. */
export async function makeSmallTables(world: World, tables: number): Promise<void> {
  const { state, target } = world;
  const names = namesOf(tables);
  const create = (server: Server): Promise<void> => everywhere(server, names, (name) => [createSql(name)]);
  await everywhere(state.source, names, (name) => [createSql(name), `INSERT INTO ${name} VALUES ${rowSql}`]);
  for (const shard of state.shards) await create(shard);
  const placed: TableJson = { column_vindexes: [{ column: "id", name: "hash" }] };
  if (target.vtctld !== null) {
    const vtctld = { vtctldclient: target.vtctldclient ?? "", server: target.vtctld };
    await vtctldCommand(vtctld, "ReloadSchemaKeyspace", "--include-primary", target.keyspace);
  }
  await changeVschema(state, (now) =>
    mergeVschema(now, {
      vindexes: { hash: { type: "hash" } },
      tables: Object.fromEntries(names.map((name) => [name, placed])),
    }),
  );
}

/** Truncating makes a table anew; so few rows are deleted faster. */
export async function emptySmallTables({ state }: World, tables: number): Promise<void> {
  for (const shard of state.shards) await everywhere(shard, namesOf(tables), (name) => [`DELETE FROM ${name}`]);
}

/** Rows of all of them on the target. */
export async function smallRowsOnTarget({ state }: World, tables: number): Promise<number> {
  let rows = 0;
  for (const shard of state.shards) {
    await using session = await adminSession(shard);
    for (const some of inBatches(namesOf(tables), 200)) {
      const counts = some.map((name) => `(SELECT COUNT(*) FROM ${name})`).join(" + ");
      const [row] = await session.query(`SELECT ${counts} AS n`);
      rows += Number(row?.["n"]);
    }
  }
  return rows;
}

/** Statements for each name on one server, several sessions at once, outside the binary log. */
async function everywhere(
  server: Server,
  names: readonly string[],
  sqlOf: (name: string) => readonly string[],
): Promise<void> {
  const waiting = [...names];
  const work = async (): Promise<void> => {
    await using session = await adminSession(server);
    await session.run("SET sql_log_bin = 0");
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      for (const sql of sqlOf(name)) await session.run(sql);
    }
  };
  await Promise.all(Array.from({ length: SESSIONS }, work));
}

function* inBatches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
