import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

interface TypesOptions extends ConfigCommandOptions {
  readonly output?: string;
}

export function typesCommand(): Command {
  const command = new Command("types")
    .description("Write the source's tables as TypeScript, so that the compiler checks your transforms.")
    .option("-o, --output <file>", "file to write, like source.d.ts (default: standard output)");
  return withConfig(command, ["source", "tables"]).action((options: TypesOptions) => {
    const toFile = options.output !== undefined;
    return runJob(
      "types",
      options,
      async (context) => {
        const config = await configOf(options, context, ["source"]);
        const { typesJob } = await import("../../src/run/jobs/types.ts");
        const { report, outcome } = await typesJob(
          config,
          { command: givenCommand(options), output: options.output ?? null },
          context,
        );
        if (!toFile || options.json) context.print(report, () => report.types.trimEnd());
        return outcome;
      },
      { summary: options.json === true, forPrograms: !toFile && options.json !== true },
    );
  });
}

/** What was given, but for how the answer is shown; a URL on the command line may hold a password and is left out. */
function givenCommand({ config, include, exclude, output }: TypesOptions): string {
  const globs = (name: string, list: readonly string[] | undefined): string[] =>
    list === undefined ? [] : [name, ...list.map(quoted)];
  return [
    ...(config === undefined ? [] : ["-c", quoted(config)]),
    ...globs("--include", include),
    ...globs("--exclude", exclude),
    ...(output === undefined ? [] : ["--output", quoted(output)]),
  ]
    .map((word) => ` ${word}`)
    .join("");
}

const quoted = (word: string): string => (/^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
