#!/usr/bin/env node
import { CommanderError } from "commander";
import { vtpipeProgram } from "./program.ts";

const program = vtpipeProgram();
// Bad usage ends with 2, as bad config does; help and version end with 0.
const override = (command: typeof program): void => {
  command.exitOverride();
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
}
