import { Command } from "commander";
import { version } from "../src/version.ts";
import { benchCommand } from "./commands/bench.ts";
import { dumpCommand } from "./commands/dump.ts";
import { followCommand } from "./commands/follow.ts";
import { handoffCommand } from "./commands/handoff.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { limitsCommand } from "./commands/limits.ts";
import { loadCommand } from "./commands/load.ts";
import { planCommand } from "./commands/plan.ts";
import { runCommand } from "./commands/run.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { schemaCommand } from "./commands/schema.ts";
import { statusCommand } from "./commands/status.ts";
import { switchCommands } from "./commands/switch.ts";
import { transformCommand } from "./commands/transform.ts";
import { typesCommand } from "./commands/types.ts";
import { vdiffCommand } from "./commands/vdiff.ts";
import { verifyCommand } from "./commands/verify.ts";

/** The program, for running and for the documentation test that walks its help. */
export function vtpipeProgram(): Command {
  const program = new Command("vtpipe")
    .description("Move a live MySQL database into Vitess: snapshot, transform, load, verify.")
    .version(version)
    .showSuggestionAfterError();
  const commands = [
    planCommand(),
    schemaCommand(),
    dumpCommand(),
    loadCommand(),
    runCommand(),
    verifyCommand(),
    handoffCommand(),
    followCommand(),
    vdiffCommand(),
    ...switchCommands(),
    statusCommand(),
    limitsCommand(),
    inspectCommand(),
    transformCommand(),
    typesCommand(),
    benchCommand(),
    sandboxCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return program;
}
