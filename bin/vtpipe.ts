#!/usr/bin/env node
import { CommanderError } from "commander";
import { toWire, VtpipeError } from "../src/contracts/errors.ts";
import { emptyOutcome, summaryOf } from "../src/run/job.ts";
import { vtpipeProgram } from "./program.ts";

const program = vtpipeProgram();
/** What was typed may be a URL with a password, at an option that is spelt wrong. */
const withoutPasswords = (text: string): string => text.replace(/(:\/\/[^\s:@]*):[^\s]*@/g, "$1:***@");

// Bad usage ends with 2, as bad config does; help and version end with 0.
const override = (command: typeof program): void => {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(withoutPasswords(text)) });
  command.commands.forEach((child) => {
    override(child as typeof program);
  });
};
override(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
  // commander has told people; machines were promised a summary.
  if (process.exitCode !== 0 && process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify(usageSummary(withoutPasswords(error.message)))}\n`);
  }
}

function usageSummary(message: string): object {
  const command = process.argv[2] ?? "";
  const now = "Nothing was read or changed.";
  const error = new VtpipeError({ code: "usage", message, now, todo: `See vtpipe ${command} --help.` });
  return summaryOf(command, emptyOutcome, Date.now(), toWire(error));
}
