import { dumpSection } from "./dump.ts";
import { growthSection } from "./growth.ts";
import { handoffSection } from "./handoff.ts";
import { loadSection } from "./load.ts";
import { memorySection } from "./memory.ts";
import { runSection } from "./run.ts";
import type { Section } from "./section.ts";
import { shardsSection } from "./shards.ts";
import { skewSection } from "./skew.ts";
import { tablesSection } from "./tables.ts";

/** In the order they run: first those that share a sandbox, those that make its source fuller last; then those apart. */
export const sections: readonly Section[] = [
  dumpSection,
  loadSection,
  runSection,
  handoffSection,
  skewSection,
  growthSection,
  memorySection,
  tablesSection,
  shardsSection,
];
