import { makingSession, type World } from "../world.ts";
import { customerTable } from "./customer.ts";

/** The tables {@link makeSkewed} makes. */
export const skewGlob = "skew_*";

const SMALL_TABLES = 9;
const LARGE_SHARE = 0.9;

/**
 * One table with 90 % of the rows and a string as its key, nine tables that share the rest. The key starts the same in every
 * row, as such keys do, and then has the digits of a hash: it says nothing about how many rows there are up to it.
 */
export async function makeSkewed(world: World, rows: number): Promise<void> {
  await using session = await makingSession(world);
  const columns = "id, email, name, country, balance, created_at, flags, profile, notes, token";
  const make = async (table: string, after: number, upTo: number): Promise<void> => {
    await session.run(`CREATE TABLE ${table} LIKE ${customerTable}`);
    await session.run(
      `ALTER TABLE ${table} DROP KEY email, DROP PRIMARY KEY, ADD code varchar(64) NOT NULL FIRST, ADD PRIMARY KEY (code)`,
    );
    await session.run(
      `INSERT INTO ${table} (code, ${columns}) SELECT CONCAT('customer/', LEFT(SHA2(id, 256), 32)) AS code, ${columns}
       FROM ${customerTable} WHERE id > ${after} AND id <= ${upTo} ORDER BY code`,
    );
    await session.query(`ANALYZE TABLE ${table}`);
  };
  const large = Math.floor(rows * LARGE_SHARE);
  const share = Math.ceil((rows - large) / SMALL_TABLES);
  await make("skew_large", 0, large);
  for (let small = 0; small < SMALL_TABLES; small++) {
    await make(`skew_small_${small + 1}`, large + small * share, Math.min(rows, large + (small + 1) * share));
  }
}
