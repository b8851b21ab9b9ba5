import { checkSteps } from "../config/steps.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { TableClass } from "../contracts/manifest.ts";
import { problemsError } from "../contracts/problems.ts";
import type { Column } from "../contracts/schema.ts";
import type { TransformDefinition } from "../contracts/transform.ts";
import { columnFromType } from "../mysql/column-type.ts";
import { type ChainPlan, planChain } from "../transform/plan-chain.ts";
import { loadRegistry } from "../transform/registry.ts";
import { batchOf, rowsOf } from "./row-batch.ts";
import { cellRows, type ResultRow, resultRow, type TestRow } from "./test-rows.ts";

export type { ResultRow, TestCell, TestRow } from "./test-rows.ts";

/** One entry of `transforms` as a config has it; in `use` the definition itself may stand for its module. */
export type TestStep =
  | (Readonly<Record<string, unknown>> & { readonly use?: never })
  | {
      readonly use: ({ readonly module: string } | { readonly transform: TransformDefinition }) & {
        readonly parameters?: object;
      };
      readonly when?: unknown;
    };

export interface TransformTest {
  /** What errors call the table. Default: `t`. */
  readonly table?: string;
  /** SQL types by column: `{ id: "int unsigned not null", email: "varchar(255)" }`. */
  readonly columns: Readonly<Record<string, string>>;
  /** The columns errors name a row by. Default: the first one. */
  readonly key?: readonly string[];
  readonly transforms: readonly TestStep[];
  readonly rows: readonly TestRow[];
  /** The folder that paths of modules are relative to. Default: the working directory. */
  readonly baseDirectory?: string;
}

export interface TransformResult {
  /** Columns after the chain, in order. */
  readonly columns: readonly Column[];
  readonly rows: readonly ResultRow[];
  /** How the table could be handed to VReplication. */
  readonly class: TableClass;
  readonly warnings: readonly string[];
  /** Columns in which different values may become equal, by their names after the chain; matters to unique keys. */
  readonly collisions: readonly { readonly column: string; readonly text: string }[];
}

/**
 * Runs transforms on rows as a run would, without a database. Rejects as a run would: a `config` error names the place
 * in `transforms`, a `transform` error has `table`, `step` and `key` in its `context`.
 */
export async function runTransforms(test: TransformTest): Promise<TransformResult> {
  const columns = Object.entries(test.columns).map(([name, type]) => columnFromType(name, type));
  const plan = await chainOf(test, columns);
  const [computed] = plan.computed;
  if (computed !== undefined) throw needsSource(computed.path);
  const batch = plan.apply(batchOf(cellRows(columns, test.rows)));
  const rows = rowsOf(batch, plan.columns.length).map((cells) => resultRow(plan.columns, cells));
  const { class: tableClass, warnings, collisions } = plan;
  return { columns: plan.columns, rows, class: tableClass, warnings, collisions };
}

async function chainOf(test: TransformTest, columns: readonly Column[]): Promise<ChainPlan> {
  const { table = "t", transforms, baseDirectory = process.cwd() } = test;
  const given = new Map<string, TransformDefinition>();
  const list = transforms.map((step) => withDefinition(step, given));
  const { steps, problems } = checkSteps(list, list, ["transforms"]);
  if (problems.length > 0) throw problemsError("The test", problems);
  const registry = await loadRegistry(steps, baseDirectory, given);
  return planChain(table, columns, steps, registry, { keyColumns: test.key ?? columns.slice(0, 1).map((c) => c.name) });
}

/** The step as a config would have it; a definition that it brings along is put into `given` under the name of a module. */
function withDefinition(step: TestStep, given: Map<string, TransformDefinition>): Readonly<Record<string, unknown>> {
  const { use } = step;
  if (use === undefined || !("transform" in use)) return step;
  const { transform, ...rest } = use;
  const same = [...given.values()].filter(({ name }) => name === transform.name).length;
  const module = same === 0 ? `${transform.name}` : `${transform.name} (${same + 1})`;
  given.set(module, transform);
  return { ...step, use: { ...rest, module } };
}

function needsSource(path: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `${path}: its expression is computed by the source, and a test has none.`,
    now: "Nothing was run.",
    todo: "Leave this step out of the test, and give the rows the value the expression makes in a column of their own.",
  });
}
