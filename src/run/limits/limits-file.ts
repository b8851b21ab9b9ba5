import { readFile, stat } from "node:fs/promises";
import { limitChangesSchema } from "../../config/limits-schema.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { LimitChanges, Limits } from "../../contracts/limits.ts";
import { explainIssues, type Problem } from "../../contracts/problems.ts";
import { replaceFile } from "../../store/durable.ts";
import { isMissing } from "../../store/file-errors.ts";

/** Nobody's limits take more; what is larger was not written by us. */
const mostBytes = 64 << 10;

/** What was changed; null: nothing. Throws `files` for a file that is not as `vtpipe limits` writes it. */
export async function readLimitChanges(file: string): Promise<LimitChanges | null> {
  let text: string;
  try {
    if ((await stat(file)).size > mostBytes) throw broken(file, "it is too large");
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof VtpipeError) throw error;
    throw broken(file, error instanceof Error ? error.message : String(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(file, error instanceof Error ? error.message : "it is no JSON");
  }
  const { changes, problems } = checkChanges(value);
  if (changes === null) throw broken(file, problemsText(problems));
  return changes;
}

/** Replaces the file as a whole: a run that is at work reads what was there before or this. */
export async function writeLimitChanges(file: string, changes: LimitChanges): Promise<void> {
  await replaceFile(file, `${JSON.stringify(changes, null, 2)}\n`);
}

export function checkChanges(value: unknown): { changes: LimitChanges | null; problems: readonly Problem[] } {
  const parsed = limitChangesSchema.safeParse(value);
  return parsed.success
    ? { changes: parsed.data, problems: [] }
    : { changes: null, problems: explainIssues(limitChangesSchema, parsed.error.issues, value) };
}

const problemsText = (problems: readonly Problem[]): string =>
  problems.map(({ path, text }) => `${path}: ${text}`).join(" ");

/** What holds: the limits a run was started with, and on top what was changed since. */
export function limitsWith(started: Limits, { paused: _, ...changes }: LimitChanges): Limits {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...started, ...(Object.fromEntries(given) as Partial<Limits>) };
}

/** Tells of a file once for each time it has changed; undefined: it is as it was. */
export function limitsFileReader(file: string): () => Promise<LimitChanges | null | undefined> {
  let seen = "";
  return async () => {
    const found = await stat(file).catch(() => null);
    const mark = found === null ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
    if (mark === seen) return undefined;
    seen = mark;
    return readLimitChanges(file);
  };
}

function broken(file: string, why: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The limits in ${file} cannot be used: ${why}`,
    now: "A run that is at work keeps the limits it has.",
    todo: "Change limits by `vtpipe limits`; `vtpipe limits DIR --reset` takes the file away.",
    context: { file },
  });
}
