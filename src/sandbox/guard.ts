import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";
import { sandboxDown, sandboxStatus } from "./sandbox.ts";

/**
 * A process of its own, `guard.js <sandbox folder> <owner as JSON>`: takes the sandbox down when its owner has ended
 * without doing so, killed for instance. Ends when the sandbox is gone.
 */
const [directory = "", owner = ""] = process.argv.slice(2);
const ownerProcess = JSON.parse(owner) as ProcessIdentity;

while ((await sandboxStatus(directory)) !== null) {
  if (!(await isAlive(ownerProcess))) await sandboxDown(directory);
  else await sleep(2000);
}
