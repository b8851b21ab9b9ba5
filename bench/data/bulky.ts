import { createHash } from "node:crypto";
import { adminSession, makingSession, type World } from "../world.ts";

export const bulkyTable = "bulky";

/** As large as MySQL's own default lets a row be. */
export const BULKY_ROW_MIB = 64;
const LARGE_ROWS = 8;
const SMALL_ROWS_BETWEEN = 2500;
export const bulkyRows: number = LARGE_ROWS * (SMALL_ROWS_BETWEEN + 1);

/** Larger than zstd looks back, so that repeating it makes a row that does not compress. */
const PATTERN_BYTES = 2 * 1024 * 1024;

/** Small rows with one of 64 MiB after every 2500 of them. The server has to be told to carry such rows at all. */
export async function makeBulky(world: World, seed: string): Promise<void> {
  {
    await using session = await adminSession(world.state.source);
    await session.run("SET GLOBAL max_allowed_packet = 256 * 1024 * 1024");
  }
  await using session = await makingSession(world);
  await session.run(
    `CREATE TABLE ${bulkyTable} (id bigint NOT NULL, name varchar(80) NOT NULL, body longblob NOT NULL, PRIMARY KEY (id))`,
  );
  await session.run(`SET @pattern = x'${pattern(seed).toString("hex")}'`);
  const digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)";
  const numbers = `SELECT 1 + a.d + 5 * b.d + 25 * c.d + 125 * e.d + 625 * f.d AS n FROM ${["a", "b", "c", "e", "f"]
    .map((name) => `${digits} ${name}`)
    .join(", ")}`;
  for (let large = 0; large < LARGE_ROWS; large++) {
    const first = large * (SMALL_ROWS_BETWEEN + 1);
    await session.run(
      `INSERT INTO ${bulkyTable} SELECT ${first} + n, CONCAT('row ', ${first} + n), SHA2(n, 512)
       FROM (${numbers}) AS numbers WHERE n <= ${SMALL_ROWS_BETWEEN} ORDER BY n`,
    );
    const id = first + SMALL_ROWS_BETWEEN + 1;
    const times = (BULKY_ROW_MIB * 1024 * 1024) / PATTERN_BYTES;
    await session.run(`INSERT INTO ${bulkyTable} VALUES (${id}, 'large row ${id}', REPEAT(@pattern, ${times}))`);
  }
  await session.query(`ANALYZE TABLE ${bulkyTable}`);
}

/** Bytes of no order, the same for the same seed. */
function pattern(seed: string): Buffer {
  const parts: Buffer[] = [];
  for (let bytes = 0, part = 0; bytes < PATTERN_BYTES; bytes += 64, part++) {
    parts.push(createHash("sha512").update(`${seed}/${part}`).digest());
  }
  return Buffer.concat(parts);
}
