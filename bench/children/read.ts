import { openSession } from "../../src/mysql/session.ts";
import { readState } from "../../src/sandbox/state-file.ts";
import { adminAddress } from "../world.ts";

/** Reads ids 1 to `rows` of a table over some connections at once and drops every batch. */
export async function readOnly(sandbox: string, table: string, rows: number, connections: number): Promise<void> {
  const state = await readState(sandbox);
  if (state === null) throw new Error(`no sandbox in ${sandbox}`);
  const share = Math.ceil(rows / connections);
  const counts = await Promise.all(
    Array.from({ length: connections }, async (_, part) => {
      await using session = await openSession(adminAddress(state.source), { purpose: "source" });
      const range = `id > ${part * share} AND id <= ${(part + 1) * share}`;
      let read = 0;
      for await (const batch of session.readRows(`SELECT * FROM ${table} WHERE ${range} ORDER BY id`)) {
        read += batch.rows;
      }
      return read;
    }),
  );
  const read = counts.reduce((sum, count) => sum + count, 0);
  if (read !== rows) throw new Error(`${read} of ${rows} rows were read`);
}
