import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VtpipeError } from "../contracts/errors.ts";

/** A user to run servers as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** Vitess's servers refuse to run as root. null: we are not root, so they run as we do. */
export async function unprivilegedUser(): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) return null;
  const run = promisify(execFile);
  try {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (of) => Number((await run("id", [of, "nobody"])).stdout)),
    );
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
  } catch {
    // Falls through to the refusal.
  }
  throw new VtpipeError({
    code: "preflight",
    message: "Vitess's servers refuse to run as root, and this machine has no user nobody to run them as.",
    now: "Nothing was started.",
    todo: "Run the sandbox as an ordinary user, or without Vitess (--vitess never).",
  });
}
