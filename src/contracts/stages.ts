/**
 * What a worker's time goes into, in the order rows pass. `waits` are for others: the source, the disk, the target;
 * the rest is work of the worker's own thread. Two lanes share a thread, so waits of one may hide work of the other.
 */
export const stages = ["source", "cut", "transform", "pack", "disk", "unpack", "encode", "target"] as const;

export type Stage = (typeof stages)[number];

/** Stages in which a worker waits for something outside its thread. */
export const waits: ReadonlySet<Stage> = new Set(["source", "disk", "target"]);

/** Seconds by stage, summed over workers since the start of the command. */
export type StageSeconds = Readonly<Record<Stage, number>>;

/** What each stage is, for people. */
export const stageNames: Readonly<Record<Stage, string>> = {
  source: "the source",
  cut: "cutting packets into rows (CPU)",
  transform: "the transforms (CPU)",
  pack: "checksums and compression (CPU)",
  disk: "the disk",
  unpack: "reading chunk files back (CPU, disk)",
  encode: "encoding statements (CPU)",
  target: "the target",
};
