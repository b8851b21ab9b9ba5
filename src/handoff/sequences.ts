import { quoteName } from "../mysql/identifiers.ts";
import type { Vtctld } from "../vitess/vtctld/client.ts";
import type { VtctldMessage } from "../vitess/vtctld/field.ts";
import type { Step } from "./step.ts";
import type { TabletAlias } from "./view.ts";

/** A target table's column that gets its values from a sequence. */
export interface SequenceUse {
  /** Source and target name of the table. */
  readonly source: string;
  readonly target: string;
  readonly column: string;
  /** As the target's vschema names it, with or without its keyspace. */
  readonly sequence: string;
}

/** Where a sequence is: in the one shard of an unsharded keyspace. */
export interface SequenceHome {
  readonly keyspace: string;
  readonly table: string;
}

/** Pure: which of `tables` use sequences. */
export function sequenceUses(
  { tables: entries }: VtctldMessage<"Vschema">,
  tables: readonly { readonly source: string; readonly target: string }[],
): SequenceUse[] {
  return tables.flatMap(({ source, target }) => {
    const auto = entries[target]?.autoIncrement;
    return auto?.sequence ? [{ source, target, column: unquoted(auto.column), sequence: auto.sequence }] : [];
  });
}

/** Looks through the vschemas of unsharded keyspaces; by sequence every place of that name, which should be one. */
export async function findSequences(
  vtctld: Vtctld,
  uses: readonly SequenceUse[],
): Promise<ReadonlyMap<string, readonly SequenceHome[]>> {
  if (uses.length === 0) return new Map();
  const { keyspaces } = await vtctld.call("GetKeyspaces", {});
  const vschemas = await Promise.all(
    keyspaces.map(async ({ name }) => ({ name, ...(await vtctld.call("GetVSchema", { keyspace: name })) })),
  );
  const homes = vschemas.flatMap(({ name: keyspace, vSchema }): SequenceHome[] =>
    vSchema === null || vSchema.sharded
      ? []
      : Object.entries(vSchema.tables).flatMap(([table, { type }]) =>
          type === "sequence" ? [{ keyspace, table: unquoted(table) }] : [],
        ),
  );
  return new Map(uses.map(({ sequence }) => [sequence, homes.filter((home) => isNamed(home, sequence))]));
}

function isNamed({ keyspace, table }: SequenceHome, sequence: string): boolean {
  return [table, `${keyspace}.${table}`].includes(sequence.split(".").map(unquoted).join("."));
}

const unquoted = (name: string): string => (/^`.*`$/s.test(name) ? name.slice(1, -1).replaceAll("``", "`") : name);

/** Has a sequence go on above `greatest`, and never lower than it is; made if the table is empty. */
export function raiseSequence({ keyspace, table }: SequenceHome, primary: TabletAlias, greatest: bigint): Step {
  const next = greatest + 1n;
  return {
    title: `Have sequence ${keyspace}.${table} go on above ${greatest}.`,
    calls: [
      {
        method: "ExecuteFetchAsDBA",
        request: {
          tabletAlias: primary,
          query:
            `insert into ${quoteName(table)} (id, next_id, cache) values (0, ${next}, 1000) ` +
            `on duplicate key update next_id = if(next_id < ${next}, ${next}, next_id)`,
          maxRows: 1,
        },
      },
    ],
  };
}
