import type { CustomerWorld } from "../customer-world.ts";
import type { Judgement } from "../judge.ts";
import type { Group, Results } from "../samples.ts";
import type { World } from "../world.ts";

export const sectionNames = ["dump", "load", "run", "handoff", "growth", "memory", "skew", "tables", "shards"] as const;

export type SectionName = (typeof sectionNames)[number];

/** How much is measured. */
export interface Sizes {
  /** Rows of the table that is dumped and run. */
  readonly rows: number;
  /** Rows of it that loads take. */
  readonly loadRows: number;
  readonly rounds: number;
  /** Workers of the commands that are held against the aims. */
  readonly workers: number;
  /** Tables of the section of that name. */
  readonly tables: number;
  /** Growth goes from `rows` to this many times as many, doubling. */
  readonly growth: number;
  /** Rows of the largest dump whose memory is looked at. */
  readonly memoryRows: number;
  readonly seed: string;
}

/** What a section measures with. There is one sandbox at a time. */
export interface Bench {
  readonly sizes: Sizes;
  say(text: string): void;
  /** The sandbox most sections share. */
  customers(): Promise<CustomerWorld>;
  /** A sandbox of its own, while the shared one is down. */
  apart<T>(options: Apart, measure: (world: World) => Promise<T>): Promise<T>;
}

export interface Apart {
  readonly shards?: number;
  /** Without it the stand-in where the whole bench has the stand-in. */
  readonly standIn?: boolean;
}

/** How a group of samples is shown: wall, speed, CPU, memory, and a ratio to one of its programs. */
export interface GroupTable {
  readonly group: Group;
  readonly title: string;
  /** The program others are compared with. */
  readonly base: string;
  readonly ratio: "time" | "speed";
  /** "against direct" */
  readonly of: string;
  /** What is counted, when it is not rows. */
  readonly unit?: string;
}

/** One part of the bench: what it measures, and what that says of the aims. */
export interface Section {
  readonly name: SectionName;
  readonly title: string;
  /** Left out unless it is asked for by name. */
  readonly onRequest?: boolean;
  readonly tables: readonly GroupTable[];
  measure(bench: Bench): Promise<Results>;
  /** `results` are those of all sections; without any samples everything is "not measured". */
  judge(results: Results, context: JudgeContext): Judgement;
}

export interface JudgeContext {
  readonly sizes: Sizes;
  /** null: nothing was measured on any target. */
  readonly target: "vitess" | "router" | null;
}
