import { VtpipeError } from "../contracts/errors.ts";
import type { TableClass } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import type { ChainColumn, ConfiguredStep, StepInput, StepPlan } from "../contracts/transform.ts";
import { type ChainNotes, type CompiledStep, compileChain } from "./compile.ts";
import { computedExpression } from "./computed.ts";
import { conditional } from "./conditional.ts";
import { type ColumnDecision, decisionsOf } from "./decisions.ts";
import { chainFingerprint } from "./fingerprint.ts";
import type { Registry, ResolvedStep } from "./registry.ts";
import type { RowRoom } from "./row-writer.ts";
import { stepInput } from "./step-input.ts";
import { stepRefused } from "./step-refused.ts";
import { type Treatment, treatmentsOf } from "./treatment.ts";
import { composeFilter, composeTwins } from "./twins.ts";

/** A table's chain, planned: what comes out, how it can be handed to VReplication, and the function that does it. */
export interface ChainPlan {
  /** What the chain was planned over: carried columns, then the absent ones. */
  readonly inputs: readonly Column[];
  /** Columns of the rows `apply` gives, in cell order. */
  readonly columns: readonly Column[];
  readonly class: TableClass;
  /** The first step that makes the table not identity, or else js-only; null for identity. */
  readonly decidedBy: string | null;
  /** SHA-256 over input columns, steps, parameters and user modules, hex. */
  readonly fingerprint: string;
  /** Per output column the input column whose bytes it carries unchanged, under whatever name; else null. */
  readonly sources: readonly (number | null)[];
  /** Every column of the table after the chain, also those whose cells rows do not carry; for the target's DDL. */
  readonly tableColumns: readonly TableColumn[];
  /**
   * SQL twins by output column; empty unless the class is sql-twin. They refer to the source's column names. A twin needs
   * what the step needs: that of `hash` holds its key, only XORed. For servers, never for logs, manifests or people.
   */
  readonly twins: ReadonlyMap<number, string>;
  /** Which source rows stay, as SQL for VReplication's source; null: all. Only with the class sql-twin. */
  readonly filter: string | null;
  /** What the source computes: cells that rows carry after those of the columns, in this order. */
  readonly computed: readonly ComputedCell[];
  readonly warnings: readonly string[];
  /** What becomes of each of `inputs`, as far as anybody said. */
  readonly decisions: readonly ColumnDecision[];
  /** Columns in which different values may become equal, by their names after the chain; matters to unique keys. */
  readonly collisions: readonly { readonly column: string; readonly text: string }[];
  /** Steps that say of themselves that they may make other bytes of the same row another time. */
  readonly varying: readonly { readonly path: string; readonly why: string }[];
  /** What becomes of the values of source columns, by name; only of those that a step writes. */
  readonly treatments: ReadonlyMap<string, Treatment>;
  /** Throws a `transform` error naming table, step and key when a step fails on a row. The input stays as it is. */
  apply(batch: RowBatch): RowBatch;
  /** The same in batches of bounded size, however much steps add to rows; none for no rows. As `CompiledChain` has it. */
  pieces(batch: RowBatch, notes?: ChainNotes, room?: RowRoom): Iterable<RowBatch>;
}

/** A cell that the source computes. */
export interface ComputedCell {
  /** As what its value reaches the chain. */
  readonly column: Column;
  /** To be selected as it is. */
  readonly expression: string;
  /** The step it is for. */
  readonly path: string;
}

/** A column after the chain and where it comes from. */
export interface TableColumn {
  readonly column: Column;
  /** The source column's name; null for a new one. */
  readonly from: string | null;
  /** Does a step write its values? */
  readonly written: boolean;
  /** Did a step give it another type? */
  readonly retyped: boolean;
}

export interface ChainOptions {
  /** Generated columns that rows do not carry: steps may rename or drop them, not read or write them. */
  readonly absent?: readonly Column[];
  /** Input columns whose cells name a row in errors. */
  readonly keyColumns?: readonly string[];
}

/**
 * Plans `steps` over a table whose rows carry `columns`, in cell order. Each step sees the columns the one before left.
 * Throws a `config` error when a step names a column that is not there, writes a generated one, or its definition is wrong.
 */
export function planChain(
  table: string,
  columns: readonly Column[],
  steps: readonly ConfiguredStep[],
  registry: Registry,
  options: ChainOptions = {},
): ChainPlan {
  const inputs = [...columns, ...(options.absent ?? [])];
  let slots = inputs.length;
  let now: readonly ChainColumn[] = inputs.map((column, slot) => ({ ...column, slot }));
  const planned: PlannedStep[] = [];
  const computed: (ComputedCell & { readonly slot: number })[] = [];
  for (const step of steps) {
    const resolved = registry(step);
    const before = now;
    const changes = planned.filter(({ plan, before }) => plan.columns !== before || plan.rows !== undefined).length;
    const input = stepInput(table, before, step.path, {
      newSlot: () => slots++,
      compute(column, expression) {
        if (changes > computed.length) return null;
        const sql = computedExpression(table, columns, column, expression, step.path);
        computed.push({ column, expression: sql, path: step.path, slot: slots++ });
        return { slot: slots - 1, sql };
      },
    });
    const made = planStep(table, step.path, resolved, input);
    checkStep(table, step.path, made, before, slots, columns.length, inputs.length);
    const plan = resolved.condition === null ? made : conditional(made, resolved.condition(input), input);
    planned.push({ ...resolved, path: step.path, when: step.when, plan, before });
    now = plan.columns;
  }
  const written = new Set(planned.flatMap(({ plan }) => plan.writes));
  const carried = now.filter(({ slot }) => slot < columns.length || slot >= inputs.length);
  const verdict = classOf(planned, inputs.length);
  return {
    inputs,
    columns: carried.map(plainColumn),
    ...verdict,
    fingerprint: chainFingerprint(inputs, planned, carried.map(plainColumn)),
    sources: carried.map(({ slot }) => (slot < columns.length && !written.has(slot) ? slot : null)),
    tableColumns: now.map((column) => {
      const from = inputs[column.slot] ?? null;
      const retyped = from !== null && from.type !== column.type;
      return { column: plainColumn(column), from: from?.name ?? null, written: written.has(column.slot), retyped };
    }),
    twins: verdict.class === "sql-twin" ? composeTwins(inputs, planned, carried, written) : new Map(),
    filter: verdict.class === "sql-twin" ? composeFilter(inputs, planned) : null,
    computed: computed.map(({ column, expression, path }) => ({
      column: plainColumn(column as ChainColumn),
      expression,
      path,
    })),
    decisions: decisionsOf(inputs, columns.length, planned),
    warnings: planned.flatMap(({ plan, path }) => (plan.warnings ?? []).map((text) => `${path}: ${text}`)),
    collisions: planned.flatMap(({ plan, path }) =>
      (plan.collisions ?? []).flatMap(({ slot, text }) => {
        const column = now.find((c) => c.slot === slot);
        return column === undefined ? [] : [{ column: column.name, text: `${path}: ${text}` }];
      }),
    ),
    varying: planned.flatMap(({ definition: { varies }, path }) =>
      varies === undefined ? [] : [{ path, why: varies }],
    ),
    treatments: treatmentsOf(inputs, planned),
    ...compileChain({
      table,
      inputs: columns,
      absent: inputs.slice(columns.length).map((_, i) => columns.length + i),
      computed: computed.map(({ slot }) => slot),
      outputs: carried.map(({ slot }) => slot),
      slots,
      written,
      steps: planned.flatMap(({ plan, label, path, source }, number): CompiledStep[] => {
        const { rows, writes } = plan;
        const guarded = source !== null;
        const columns = plan.columns.filter(({ slot }) => writes.includes(slot)).map(({ name }) => name);
        return rows === undefined
          ? []
          : [{ number, label, path, rows, writes, columns, mayDrop: mayDrop(plan), guarded }];
      }),
      keyColumns: options.keyColumns ?? [],
    }),
  };
}

/** A step with its plan and the columns it was planned over. */
export interface PlannedStep extends ResolvedStep {
  readonly path: string;
  readonly when: unknown;
  readonly plan: StepPlan;
  readonly before: readonly ChainColumn[];
}

/** Names of `required` that the rows after the chain lack: a primary key or sharding column that was dropped or renamed. */
export function missingColumns(plan: ChainPlan, required: readonly string[]): string[] {
  const present = new Set(plan.columns.map(({ name }) => name.toLowerCase()));
  return required.filter((name) => !present.has(name.toLowerCase()));
}

/** What became of a source column: its name after the chain, and whether its values are still the source's; null when dropped. */
export function whereabouts(plan: ChainPlan, source: string): { name: string; untouched: boolean } | null {
  const found = plan.tableColumns.find(({ from }) => from?.toLowerCase() === source.toLowerCase());
  return found === undefined ? null : { name: found.column.name, untouched: !found.written };
}

function classOf(planned: readonly PlannedStep[], inputs: number): { class: TableClass; decidedBy: string | null } {
  const working = planned.filter(({ plan }) => plan.writes.length > 0 || plan.rows !== undefined);
  const changed = new Set<number>();
  for (const { plan, path } of working) {
    const missing = plan.writes.length > 0 ? plan.twin === undefined : plan.filter === undefined;
    // VReplication filters the source's rows, before any expression.
    const late = plan.filter !== undefined && plan.reads?.some((slot) => slot >= inputs || changed.has(slot)) === true;
    if (missing || late) return { class: "js-only", decidedBy: path };
    for (const slot of plan.writes) changed.add(slot);
  }
  const [first] = working;
  return first === undefined ? { class: "identity", decidedBy: null } : { class: "sql-twin", decidedBy: first.path };
}

function mayDrop({ twin, filter }: StepPlan): boolean {
  return twin === undefined || filter !== undefined;
}

/** A user's plan() may fail in any way; then it is the step that cannot be used, and not vtpipe that is broken. */
function planStep(table: string, path: string, { definition, parameters }: ResolvedStep, input: StepInput): StepPlan {
  try {
    return definition.plan(parameters, input);
  } catch (cause) {
    if (cause instanceof VtpipeError) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw stepRefused(table, path, `Its plan() failed for table "${table}": ${said}`, contract);
  }
}

const contract = "Correct the transform: see TransformDefinition and StepPlan in vtpipe's types.";

/** Holds a definition to its contract, so that a wrong one is refused before a row is read. */
function checkStep(
  table: string,
  path: string,
  plan: StepPlan,
  before: readonly ChainColumn[],
  slots: number,
  carried: number,
  inputs: number,
): void {
  const refuse = (message: string, todo: string): never => {
    throw stepRefused(table, path, message, todo);
  };
  const promised = plan as Partial<PromiseLike<unknown>> | null | undefined;
  if (typeof promised?.then === "function") {
    promised.then(undefined, () => {});
    refuse("Its plan() returned a promise; it has to be synchronous.", contract);
  }
  if (!Array.isArray(plan?.columns) || !Array.isArray(plan.writes)) {
    refuse("Its plan() did not return columns and writes.", contract);
  }
  if (plan.columns.length === 0) refuse(`It leaves no column of table "${table}".`, contract);
  for (const column of plan.columns) {
    if (typeof column?.name !== "string" || typeof column.type !== "string" || !Number.isInteger(column.slot)) {
      refuse("Its plan() gave a column that is none: make columns with newColumn() or retype().", contract);
    }
  }
  if (plan.rows !== undefined && typeof plan.rows !== "function") refuse("Its rows is not a function.", contract);
  const names = new Set<string>();
  const reachable = new Set(before.map(({ slot }) => slot));
  for (const { name, slot } of plan.columns) {
    if (names.has(name.toLowerCase())) refuse(`It leaves two columns called "${name}".`, "Rename or drop one of them.");
    names.add(name.toLowerCase());
    if (!reachable.has(slot) && (slot < inputs || slot >= slots))
      refuse(`Column "${name}" has a slot of no column.`, contract);
  }
  if (new Set(plan.columns.map(({ slot }) => slot)).size !== plan.columns.length) {
    refuse("It gives two columns the same slot.", contract);
  }
  for (const slot of plan.reads ?? []) {
    const column = before.find((c) => c.slot === slot);
    if (slot >= carried && slot < inputs) {
      refuse(
        `Column "${column?.name}" is generated and not read from the source, so no step can look at it.`,
        "Use the columns it is computed from, or compute it with `sql`.",
      );
    }
  }
  const afterwards = new Set(plan.columns.map(({ slot }) => slot));
  for (const slot of plan.writes) {
    if (!reachable.has(slot) && !afterwards.has(slot))
      refuse(`It writes slot ${slot}, which is no column's.`, contract);
    const column = before.find((c) => c.slot === slot);
    if (column?.generated != null || (slot >= carried && slot < inputs)) {
      refuse(
        `Column "${column?.name}" is generated; the target computes it and no step can write it.`,
        "Change the columns it is computed from, or drop it.",
      );
    }
  }
  if (plan.writes.length > 0 && plan.rows === undefined)
    refuse("It writes columns but has no rows function.", contract);
}

function plainColumn({ slot: _, ...column }: ChainColumn): Column {
  return column;
}
