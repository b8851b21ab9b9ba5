import type { RowDataPacket } from "mysql2/promise";
import { onSource } from "../../integration/run/migration.ts";
import type { TargetTable, TestDatabase } from "../database.ts";
import { randomNumbers } from "../random-numbers.ts";
import { expectSameBag } from "./fault.ts";
import type { Shards } from "./shards.ts";

/** A table without a key, and changes of it that never end: rows come, go and change, many of them equal to others. */
export interface Bag {
  readonly target: TargetTable;
  pause(): Promise<void>;
  resume(): void;
  /** Throws unless the target has each row as often as the source. Both must stand still. */
  expectSame(shards: Shards): Promise<void>;
}

/** Some fifty a second, beside those of a busy writer. */
const everyMs = 20;

/** Makes and fills the table; its changes begin with `resume`. */
export async function newBag(database: TestDatabase, table: string): Promise<Bag> {
  const create = `CREATE TABLE ${table} (id BIGINT NOT NULL, v VARCHAR(60))`;
  await database.query(create);
  await database.query(
    `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n % 60, CONCAT('v', n % 7) FROM r`,
  );
  const random = randomNumbers(1);
  const number = (most: number): number => Math.floor(random() * most);
  const changes = [
    () => `INSERT INTO ${table} VALUES (${number(60)}, 'v${number(7)}'), (${number(60)}, 'v${number(7)}')`,
    () => `DELETE FROM ${table} WHERE id = ${number(60)} ORDER BY v LIMIT 2`,
    () => `UPDATE ${table} SET v = 'v${number(7)}' WHERE id = ${number(60)} ORDER BY v LIMIT 3`,
    () => `UPDATE ${table} SET id = ${number(60)} WHERE id = ${number(60)} ORDER BY v LIMIT 1`,
  ];
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<RowDataPacket[]> = Promise.resolve([]);
  const change = (): void => {
    working = working.then(() => database.query(changes[number(changes.length)]?.() ?? ""));
    // It is thrown by the pause; until then it is no unhandled rejection.
    working.catch(() => {});
  };
  return {
    target: { create, vschema: { column_vindexes: [{ column: "id", name: "busy_hash" }] } },
    async pause() {
      clearInterval(timer);
      await working;
    },
    resume() {
      clearInterval(timer);
      timer = setInterval(change, everyMs);
    },
    async expectSame(shards) {
      const select = `SELECT * FROM ${table}`;
      expectSameBag(table, await onSource(database, select), await shards.rows(select));
    },
  };
}
