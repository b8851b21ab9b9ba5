import { makingSession, type World } from "../world.ts";
import { customerTable } from "./customer.ts";

/** The tables {@link makeParts} makes. */
export const partGlob = "part_*";

/** Puts the rows of `customer` into several tables once more, the same number in each. */
export async function makeParts(world: World, rows: number, tables: number): Promise<void> {
  await using session = await makingSession(world);
  const share = Math.ceil(rows / tables);
  for (let part = 0; part < tables; part++) {
    const name = `part_${String(part + 1).padStart(4, "0")}`;
    const range = `id > ${part * share} AND id <= ${(part + 1) * share}`;
    await session.run(`CREATE TABLE ${name} LIKE ${customerTable}`);
    await session.run(`INSERT INTO ${name} SELECT * FROM ${customerTable} WHERE ${range} ORDER BY id`);
    await session.query(`ANALYZE TABLE ${name}`);
  }
}
