import type { Progress, RunEvent } from "../src/contracts/events.ts";

/** When a vtpipe command was how far, by its own `--json` lines; seconds since its start, null: it never was. */
export interface Course {
  /** The snapshot was open, and the first row could be read. */
  snapshotAt: number | null;
  /** The last table was read, loaded, verified. */
  dumpedAt: number | null;
  loadedAt: number | null;
  verifiedAt: number | null;
  readonly progress: { readonly at: number; readonly progress: Progress }[];
}

/** What most lines are told apart by, without parsing them: with thousands of tables a line of progress is long. */
const typeOf = (line: string): string => /^\{"type":"([a-z:]+)"/.exec(line.slice(0, 40))?.[1] ?? "";

/** A listener for `measure`, and what it has heard. */
export function listenToCourse(keepProgress = false): { course: Course; onLine(line: string, seconds: number): void } {
  const course: Course = { snapshotAt: null, dumpedAt: null, loadedAt: null, verifiedAt: null, progress: [] };
  return {
    course,
    onLine(line, seconds) {
      switch (typeOf(line)) {
        case "snapshot":
          course.snapshotAt = seconds;
          return;
        case "table:dumped":
          course.dumpedAt = seconds;
          return;
        case "table:loaded":
          course.loadedAt = seconds;
          return;
        case "table:verified":
          course.verifiedAt = seconds;
          return;
        case "progress": {
          if (!keepProgress) return;
          const event = JSON.parse(line) as Extract<RunEvent, { type: "progress" }>;
          course.progress.push({ at: seconds, progress: event.progress });
        }
      }
    },
  };
}

/** Seconds in which rows were moved: from the snapshot until all are in files and, if the command loads, on the target. */
export function copySeconds({ snapshotAt, dumpedAt, loadedAt }: Course): number | null {
  const end = loadedAt ?? dumpedAt;
  return snapshotAt === null || end === null ? null : end - snapshotAt;
}

/** Seconds of verification in the same command. */
export function verifySeconds({ loadedAt, verifiedAt }: Course): number | null {
  return loadedAt === null || verifiedAt === null ? null : verifiedAt - loadedAt;
}
