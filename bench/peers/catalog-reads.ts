import { adminSession, type World } from "../world.ts";

const digests = "performance_schema.events_statements_summary_by_digest";

/**
 * Counts the statements that read information_schema on the source while something runs. null: the server keeps no such
 * figures, or so many kinds of statements came that some were not told apart.
 */
export async function countCatalogReads<T>(
  { state }: World,
  run: () => Promise<T>,
): Promise<{ readonly counted: number | null; readonly result: T }> {
  await using session = await adminSession(state.source);
  const [on] = await session.query("SELECT @@performance_schema AS flag");
  if (on?.["flag"] !== "1") return { counted: null, result: await run() };
  await session.run(`TRUNCATE TABLE ${digests}`);
  const result = await run();
  const [row] = await session.query(
    `SELECT SUM(IF(DIGEST_TEXT LIKE '%information_schema%' AND DIGEST_TEXT LIKE 'SELECT%', COUNT_STAR, 0)) AS n,
       SUM(DIGEST IS NULL) AS others FROM ${digests}`,
  );
  return { counted: Number(row?.["others"]) > 0 ? null : Number(row?.["n"]), result };
}
