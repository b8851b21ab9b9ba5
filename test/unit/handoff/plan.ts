import type { HandoffPlan } from "../../../src/handoff/plan.ts";
import { aView } from "./view.ts";

/** The handoff of one verbatim table. */
export const aPlan: HandoffPlan = {
  names: aView().names,
  tables: [{ source: "orders", target: "orders", lane: "move-tables" }],
  cells: [],
  tabletTypes: ["REPLICA", "PRIMARY"],
  maxLagSeconds: 30,
  switchTimeoutSeconds: 30,
};
