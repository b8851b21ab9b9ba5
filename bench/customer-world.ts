import { changeVschema } from "../src/sandbox/target-vschema.ts";
import { mergeVschema } from "../src/sandbox/vschema-json.ts";
import { customerTable, makeCustomers } from "./data/customer.ts";
import { measure } from "./measure.ts";
import { emptyTable, makingSession, rowsOnTarget, vtpipe, type World, writeConfig } from "./world.ts";

/** A world with the table most of the bench is about: full on the source, empty on the target. */
export interface CustomerWorld extends World {
  /** Rows of the table, and how many of them the loads take. */
  readonly rows: number;
  readonly loadRows: number;
  /** Our configs: the whole table, the part that is loaded, and the whole table through five steps. */
  readonly dumpConfig: string;
  readonly loadConfig: string;
  readonly stepsConfig: string;
  /** The whole table, handed over to VReplication; null without Vitess. */
  readonly handoffConfig: string | null;
}

/** Five steps on three of the ten columns, as those of `bench -- transforms`. */
const fiveSteps = [
  { trim: { column: "email" } },
  { case: { column: "email", to: "lower" } },
  { replace: { column: "name", find: "'", with: "" } },
  { mask: { column: "name", keepLast: 4 } },
  { dateTruncate: { column: "created_at", to: "day" } },
];

/** Makes the table on the source and, empty, on the target. */
export async function withCustomers(
  world: World,
  { rows, loadRows, seed }: { readonly rows: number; readonly loadRows: number; readonly seed: string },
  say: (text: string) => void,
): Promise<CustomerWorld> {
  const { target, state } = world;
  const include = [customerTable];
  const ruled = (rule: Readonly<Record<string, unknown>>) => ({ include, rules: { [customerTable]: rule } });
  const handoff = { sourceKeyspace: target.sourceKeyspace, workflow: "bench", tabletTypes: ["primary"] };
  const customers: CustomerWorld = {
    ...world,
    rows,
    loadRows,
    dumpConfig: await writeConfig(world, "dump", { include }),
    loadConfig: await writeConfig(world, "load", ruled({ where: `id <= ${loadRows}` })),
    stepsConfig: await writeConfig(world, "steps", ruled({ transforms: fiveSteps })),
    handoffConfig: target.vtctld === null ? null : await writeConfig(world, "handoff", { include }, { handoff }),
  };
  say(`making ${rows.toLocaleString("en")} rows`);
  await using source = await makingSession(world);
  await makeCustomers(source, rows, seed);
  await changeVschema(state, (now) =>
    mergeVschema(now, {
      vindexes: { hash: { type: "hash" } },
      tables: { [customerTable]: { column_vindexes: [{ column: "id", name: "hash" }] } },
    }),
  );
  await measure(vtpipe("schema", "apply", "-c", customers.dumpConfig));
  return customers;
}

/** Empties the target's table on every shard. */
export function emptyTarget(world: World): Promise<void> {
  return emptyTable(world, customerTable);
}

/** Throws unless the target holds exactly the rows a load should have brought. */
export async function expectLoaded(world: CustomerWorld, wanted: number = world.loadRows): Promise<void> {
  const rows = await rowsOnTarget(world, customerTable);
  if (rows !== wanted) throw new Error(`it brought ${rows} of ${wanted} rows to the target`);
}
