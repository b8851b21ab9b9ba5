import { formatCount } from "../contracts/format-count.ts";
import type { Stage } from "../contracts/stages.ts";

/** What advice on a stage goes by. */
export interface Standing {
  readonly rowsPerSecond: number;
  /** Rows a second the stage was measured to give alone, with as many workers; null: not measured. */
  readonly ceiling: number | null;
  readonly workers: number;
  /** null: not known. */
  readonly cores: number | null;
}

/** A ceiling this far above what was reached is not what holds the run. */
const ROOM = 1.25;

/** What would move the limit `stage`, as the subject of "… would move it". */
export function adviceFor(stage: Stage, standing: Standing): string {
  return advice[stage](standing);
}

const advice: Readonly<Record<Stage, (standing: Standing) => string>> = {
  source: (standing) =>
    byCeiling(standing, {
      room: (alone) =>
        `more workers, each a connection more (alone, as many connections read ${alone} rows/s from the source),`,
      none: (alone) =>
        `a faster source or a replica to read from (alone, as many connections read no more than ${alone} rows/s)`,
      unknown: "more workers, if the source gives more to more connections, else a faster source or a replica",
    }),
  target: (standing) =>
    byCeiling(standing, {
      room: (alone) => `more sessions to each shard (\`load.sessions\`; alone, the target took ${alone} rows/s)`,
      none: (alone) =>
        `more shards, more CPU for the shards' mysqld, or secondary indexes made after the load (alone, the target took no more than ${alone} rows/s)`,
      unknown:
        "more sessions to each shard (`load.sessions`) while the shards' mysqld have CPU to spare, else more shards, more CPU for them, or secondary indexes made after the load",
    }),
  disk: () => "a faster disk for the run directory",
  cut: moreThreads,
  transform: (standing) => `${moreThreads(standing)}, cheaper steps, or steps the source evaluates (\`sql\`)`,
  pack: moreThreads,
  unpack: (standing) => `${moreThreads(standing)}, or memory that keeps chunk files until they are loaded`,
  encode: (standing) => `${moreThreads(standing)}, or the other form of statement (\`load.strategy\`)`,
};

interface Cases {
  readonly room: (alone: string) => string;
  readonly none: (alone: string) => string;
  readonly unknown: string;
}

function byCeiling({ ceiling, rowsPerSecond }: Standing, { room, none, unknown }: Cases): string {
  if (ceiling === null) return unknown;
  const alone = formatCount(ceiling);
  return ceiling >= rowsPerSecond * ROOM ? room(alone) : none(alone);
}

function moreThreads({ workers, cores }: Standing): string {
  if (cores === null) return "more workers, if cores are free, else more cores";
  if (workers < cores) return `more workers (${workers} on ${cores} cores)`;
  return `more or faster cores (${cores} here, ${workers} workers)`;
}
