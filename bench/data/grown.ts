import { makingSession, type World } from "../world.ts";
import { customerTable } from "./customer.ts";

export const grownTable = "customer_grown";

/** Rows one statement makes: their undo log is what a transaction holds. */
const STATEMENT_ROWS = 250_000;

/**
 * Makes a table of the customers' shape, or more rows in it, by copying the customers over and over on the server, each time
 * with new ids. Equal rows are as far apart as there are customers, so they compress like others. Never takes rows away.
 */
export async function growTable(
  world: World,
  { customers, rows }: { readonly customers: number; readonly rows: number },
  say: (text: string) => void,
): Promise<void> {
  await using session = await makingSession(world);
  const [there] = await session.query(`SHOW TABLES LIKE '${grownTable}'`);
  if (there === undefined) {
    await session.run(`CREATE TABLE ${grownTable} LIKE ${customerTable}`);
    await session.run(`ALTER TABLE ${grownTable} DROP KEY email`);
  }
  const [row] = await session.query(`SELECT COALESCE(MAX(id), 0) AS n FROM ${grownTable}`);
  let have = Number(row?.["n"]);
  if (have >= rows) return;
  say(`growing ${grownTable} to ${rows.toLocaleString("en")} rows`);
  const columns = "email, name, country, balance, created_at, flags, profile, notes, token";
  while (have < rows) {
    const at = have % customers;
    const count = Math.min(STATEMENT_ROWS, rows - have, customers - at);
    await session.run(
      `INSERT INTO ${grownTable} (id, ${columns}) SELECT id + ${have - at}, ${columns} FROM ${customerTable}
       WHERE id > ${at} AND id <= ${at + count} ORDER BY id`,
    );
    have += count;
  }
  await session.query(`ANALYZE TABLE ${grownTable}`);
}
