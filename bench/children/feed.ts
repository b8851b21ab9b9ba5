import { createInterface } from "node:readline";
import { openSession } from "../../src/mysql/session.ts";
import { readState } from "../../src/sandbox/state-file.ts";
import { gateAddress } from "../world.ts";

/** What `mysql` does with mysqldump's output, one statement after the other over one session: each INSERT is one line. */
export async function feedGate(sandbox: string): Promise<void> {
  const target = (await readState(sandbox))?.target;
  if (!target) throw new Error(`no sandbox in ${sandbox}`);
  await using session = await openSession(gateAddress(target), { purpose: "target" });
  for await (const statement of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (statement.startsWith("INSERT INTO ")) await session.run(statement);
  }
}
