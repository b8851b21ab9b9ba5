import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { benchPage } from "../../bench/page/bench-page.ts";
import type { BenchLine } from "../../contracts/bench.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { pageOf } from "./page-of.ts";

/** Throws `disk` when a page could not be written there. Asked before a bench of minutes, not after it. */
export async function checkPageFile(path: string): Promise<void> {
  const file = resolve(path);
  try {
    await access(dirname(file), constants.W_OK);
    const there = await stat(file).catch(() => null);
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there !== null) await access(file, constants.W_OK);
  } catch (error) {
    throw notWritable(file, error, "Nothing was measured or changed.");
  }
}

/** Writes the page of a bench, over an earlier one of that name. */
export async function writePage(path: string, line: BenchLine): Promise<void> {
  const file = resolve(path);
  try {
    await writeFile(file, benchPage(pageOf(line, new Date())));
  } catch (error) {
    throw notWritable(file, error, "The bench is done, its figures are in the output; there is no page of them.");
  }
}

function notWritable(file: string, cause: unknown, now: string): VtpipeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new VtpipeError({
    code: "disk",
    message: `The page ${file} cannot be written: ${why}.`,
    now,
    todo: "Give --html a file in a folder that exists and may be written to.",
    context: { file },
    cause,
  });
}
