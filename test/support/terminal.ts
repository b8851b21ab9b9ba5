import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { program } from "./cli.ts";

/** What is typed once the screen shows something. */
export interface Typed {
  readonly after: RegExp;
  readonly keys: string;
}

export interface OnTerminal {
  readonly exitCode: number | null;
  /** Everything the terminal showed. */
  readonly screen: string;
}

/** Terminals are made by util-linux's `script`. False: it is not there, and who needs it is skipped. */
export async function hasTerminals(): Promise<boolean> {
  return await promisify(execFile)("script", ["--version"]).then(
    ({ stdout }) => stdout.includes("util-linux"),
    () => false,
  );
}

/** Runs `vtpipe` on a terminal of its own to its end, at most 60 s. */
export function onTerminal(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly typed: readonly Typed[] },
): Promise<OnTerminal> {
  const command = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "xterm", SHELL: "/bin/sh", ...options.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const typed = [...options.typed];
  const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let screen = "";
  let answered = 0;
  child.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString("utf8");
    // Each answer is to what was shown after the last one.
    if (typed[0]?.after.test(screen.slice(answered))) {
      answered = screen.length;
      child.stdin.write(typed.shift()?.keys ?? "");
    }
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(deadline);
      resolve({ exitCode, screen });
    });
  });
}
