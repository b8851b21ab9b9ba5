import type { Command } from "commander";
import { vtpipeProgram } from "../../../bin/program.ts";

/** Wide enough that most options stay on one line, narrow enough for a page. */
const helpWidth = 100;

/** The commands that do something, each with its full name: `vtpipe schema apply`. */
export function leafCommands(): readonly { readonly name: string; readonly command: Command }[] {
  const leaves = (command: Command, name: string): { name: string; command: Command }[] =>
    command.commands.length === 0
      ? [{ name, command }]
      : command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
  return leaves(vtpipeProgram(), "vtpipe");
}

/** What `--help` says of every command, as markdown. */
export function commandReference(): string {
  const sections = leafCommands().map(({ name, command }) => {
    const help = command.configureHelp({ helpWidth }).helpInformation().trimEnd();
    return `### ${name}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
  });
  return sections.join("\n");
}
