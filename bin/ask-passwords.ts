import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Config } from "../src/config/config.ts";
import { withPassword } from "../src/config/passwords.ts";
import { VtpipeError } from "../src/contracts/errors.ts";
import { interrupted } from "../src/run/stop-signal.ts";

/** The servers a command logs in to. */
export type Side = "source" | "target";

/** Asks on the terminal, without echo, for the passwords of these sides that the config does not give. */
export async function askPasswords(config: Config, sides: readonly Side[], signal: AbortSignal): Promise<Config> {
  let answered = config;
  for (const side of sides) {
    const section = config[side];
    if (section === null || section.password !== null) continue;
    answered = withPassword(answered, side, await ask(`Password of the ${side} (${section.url}): `, side, signal));
  }
  return answered;
}

/** On stderr, so that what a program reads from stdout stays clean. */
function ask(question: string, side: Side, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new VtpipeError({
      code: "usage",
      message: `--ask-passwords cannot ask for the ${side} password: standard input is no terminal.`,
      now: "Nothing was read or changed.",
      todo: `Run it on a terminal, or set ${side}.password: "\${${side.toUpperCase()}_PASSWORD}" or ${side}.passwordFile in the config file.`,
    });
  }
  return new Promise((resolve, reject) => {
    // What is typed is echoed by readline alone, and goes nowhere.
    const output = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    const stop = (): void => lines.close();
    signal.addEventListener("abort", stop, { once: true });
    lines.on("SIGINT", stop);
    lines.on("line", (answer) => {
      resolve(answer);
      lines.close();
    });
    lines.on("close", () => {
      signal.removeEventListener("abort", stop);
      process.stderr.write("\n");
      // Without effect once there is an answer.
      reject(interrupted());
    });
    process.stderr.write(question);
  });
}
