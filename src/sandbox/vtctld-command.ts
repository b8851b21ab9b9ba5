import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VtpipeError } from "../contracts/errors.ts";

/** Where a cluster's vtctld is, and the program that talks to it. */
export interface VtctldAddress {
  readonly vtctldclient: string;
  readonly server: string;
}

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 60_000;

/** Runs one vtctldclient command and returns what it prints. */
export async function vtctldCommand(address: VtctldAddress, ...args: readonly string[]): Promise<string> {
  try {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, cwd: "/" };
    return (await run(address.vtctldclient, ["--server", address.server, ...args], options)).stdout;
  } catch (cause) {
    const said =
      (cause as { stderr?: string }).stderr?.trim() || (cause instanceof Error ? cause.message : String(cause));
    throw new VtpipeError({
      code: "target",
      message: `vtctld refused ${args[0]}: ${said.slice(-1000)}`,
      now: "The command was not carried out.",
      todo: "vtctld's own words above say why.",
      retryable: true,
      cause,
    });
  }
}
