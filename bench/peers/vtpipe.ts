import { type Course, copySeconds, listenToCourse, verifySeconds } from "../course.ts";
import { measure } from "../measure.ts";
import type { Group, Peer, Sample } from "../samples.ts";
import { bytesBelow, freshPath, vtpipe, type World } from "../world.ts";

/** A vtpipe command as a peer; every line of it is the real command line. */
export interface VtpipePeer {
  readonly group: Group;
  readonly name: string;
  readonly rows: number;
  /** Words of the command without its `--directory`; that is a new one each time. */
  readonly words: readonly string[];
  readonly workers?: number;
  /** What has to be done first, outside the time. */
  before?(): Promise<void>;
  /** Throws when the rows are not where they should be; may add figures. `directory` is there until it returns. */
  after?(directory: string): Promise<Readonly<Record<string, number>> | undefined>;
  /** Told how the command went, progress included. */
  onCourse?(course: Course): void;
}

/** Measures a command with its start, its snapshot and its fsyncs, and by its own lines how long copying took. */
export function vtpipePeer(world: World, peer: VtpipePeer): Peer {
  const { group, name, rows, words, workers } = peer;
  return {
    group,
    name,
    absent: null,
    async run(): Promise<Sample[]> {
      await peer.before?.();
      const directory = await freshPath(world, group);
      const { course, onLine } = listenToCourse(peer.onCourse !== undefined);
      const threads = workers === undefined ? [] : ["--workers", String(workers)];
      const measured = await measure(vtpipe(...words, "--directory", directory, ...threads), { onLine });
      peer.onCourse?.(course);
      const bytesOut = await bytesBelow(directory);
      const figures = {
        ...known("workers", workers ?? null),
        ...known("copySeconds", copySeconds(course)),
        ...known("verifySeconds", verifySeconds(course)),
        ...(await peer.after?.(directory)),
      };
      await freshPath(world, group);
      return [{ ...measured, group, name, rows, bytesOut, figures }];
    },
  };
}

const known = (name: string, figure: number | null): Record<string, number> =>
  figure === null ? {} : { [name]: figure };
