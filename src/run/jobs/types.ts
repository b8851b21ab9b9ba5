import { readFile, writeFile } from "node:fs/promises";
import type { Config } from "../../config/config.ts";
import { selectTables } from "../../config/select-tables.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { sourceTypes, sourceTypesMark } from "../../transform/source-types.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import { readableColumns } from "../plan-job.ts";
import { inspectSource } from "../source-side.ts";

export interface TypesOptions {
  /** The command at work, as it was given; it is written into the file. */
  readonly command: string;
  /** The file to write; null: none. */
  readonly output: string | null;
}

export interface TypesReport {
  readonly types: string;
  readonly tables: readonly string[];
  readonly output: string | null;
}

/**
 * The selected tables of the source as TypeScript. Reads metadata only, and none of the config's modules: they may be
 * waiting for this file.
 */
export async function typesJob(
  config: Config,
  { command, output }: TypesOptions,
  context: JobContext,
): Promise<{ readonly report: TypesReport; readonly outcome: JobOutcome }> {
  await using source = await inspectSource(config);
  const names = source.inspection.tables.map(({ name }) => name);
  const selected = new Set(selectTables(config.tables, names).map((table) => table.source));
  const tables = source.tables.filter(({ name }) => selected.has(name));
  const columns = tables.map((table) => ({ name: table.name, columns: readableColumns(table) }));
  const types = sourceTypes(source.address.database, columns, command);
  if (output !== null) {
    await refuseForeign(output);
    await write(output, types);
    context.emit({ type: "note", text: `${output}: types of ${tables.length} tables.` });
  }
  return { report: { types, tables: tables.map(({ name }) => name), output }, outcome: emptyOutcome };
}

/** A file that this command has not made is somebody's work. */
async function refuseForeign(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw fileError(file, "read", cause);
  });
  if (text === null || text === "" || text.startsWith(sourceTypesMark)) return;
  throw new VtpipeError({
    code: "files",
    message: `${file} is there already and was not made by \`vtpipe types\`.`,
    now: "Nothing was changed.",
    todo: "Give another file to --output, or remove that one.",
    context: { file },
  });
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(file, "written", cause);
  });
}

function fileError(file: string, what: string, cause: NodeJS.ErrnoException): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `${file} cannot be ${what}: ${cause.code ?? cause.message}.`,
    now: "Nothing was changed.",
    todo: "Give a file to --output that can be written.",
    context: { file },
    cause,
  });
}
