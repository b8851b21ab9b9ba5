import { asVtpipeError } from "../../contracts/errors.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import type { VtctldMessage } from "../../vitess/vtctld/field.ts";
import { readTabletVersion } from "../../vitess/vtctld/version.ts";
import type { HandoffPlan } from "../plan.ts";
import { findSequences, sequenceUses } from "../sequences.ts";
import { aliasText, type HandoffView, type ShardView, type TabletAlias } from "../view.ts";
import type {
  CellFacts,
  CheckedTable,
  HandoffFacts,
  ServerFacts,
  SilentTablet,
  TabletFacts,
  TargetServerFacts,
} from "./facts.ts";
import { filledTables, hasSidecar, readAccounts, readServer, unknownZones } from "./read-server.ts";
import { readingTablets } from "./reading-tablets.ts";
import { zonesIn } from "./zones.ts";

/** What the caller knows, and what is to be looked at. */
export type KnownFacts = Pick<
  HandoffFacts,
  "moment" | "plan" | "view" | "tables" | "source" | "position" | "begun" | "forecast"
> & {
  /** By alias, whether vtgate sees the tablet serving. */
  readonly serving: ReadonlyMap<string, boolean>;
};

/** Asks vtctld and, through it, the MySQL servers behind the tablets. Changes nothing. */
export async function readHandoffFacts(vtctld: Vtctld, known: KnownFacts): Promise<HandoffFacts> {
  const { plan, view, tables, serving } = known;
  const { sourceKeyspace, targetKeyspace } = view.names;
  const [cells, sourceTablets, targetTablets, vschema] = await Promise.all([
    readCells(vtctld),
    readTablets(vtctld, sourceKeyspace, serving),
    readTablets(vtctld, targetKeyspace, serving),
    vtctld.call("GetVSchema", { keyspace: targetKeyspace }).then(({ vSchema }) => vSchema ?? noVschema),
  ]);
  const silent: SilentTablet[] = [];
  const primary = view.sourceShards[0]?.primary;
  const [servers, targets, versions, sidecar, accounts, sequences] = await Promise.all([
    readSourceServers(vtctld, plan, view, sourceTablets, cells, silent),
    readTargetServers(vtctld, view, tables, silent),
    readVersions([...sourceTablets, ...targetTablets]),
    primary === undefined ? null : hasSidecar(vtctld, primary),
    primary === undefined ? [] : readAccounts(vtctld, primary),
    findSequences(vtctld, sequenceUses(vschema, tables)),
  ]);
  return {
    ...known,
    cells,
    sourceTablets: sourceTablets.map(({ facts }) => facts),
    targetTablets: targetTablets.map(({ facts }) => facts),
    servers,
    targets,
    versions,
    // In the order they fell silent they would be told in another one each time.
    silent: silent.toSorted((a, b) => (a.tablet < b.tablet ? -1 : 1)),
    sidecar,
    accounts,
    vschema,
    sequences,
  };
}

const noVschema: VtctldMessage<"Vschema"> = {
  sharded: false,
  vindexes: {},
  tables: {},
  requireExplicitRouting: false,
  foreignKeyMode: "unspecified",
  multiTenantSpec: null,
};

async function readCells(vtctld: Vtctld): Promise<CellFacts> {
  const [{ names }, { aliases }] = await Promise.all([
    vtctld.call("GetCellInfoNames", {}),
    vtctld.call("GetCellsAliases", {}),
  ]);
  return { known: names, aliases: new Map(Object.entries(aliases).map(([name, { cells }]) => [name, cells])) };
}

interface FoundTablet {
  readonly alias: TabletAlias;
  /** For its web port, which tells its version. */
  readonly tablet: VtctldMessage<"Tablet">;
  readonly facts: TabletFacts;
}

async function readTablets(
  vtctld: Vtctld,
  keyspace: string,
  serving: ReadonlyMap<string, boolean>,
): Promise<FoundTablet[]> {
  const { tablets } = await vtctld.call("GetTablets", { keyspace });
  return tablets.flatMap((tablet): FoundTablet[] => {
    const { alias, shard, type } = tablet;
    if (alias === null) return [];
    const name = aliasText(alias);
    const facts = { alias: name, cell: alias.cell, shard, type: String(type), serving: serving.get(name) ?? null };
    return [{ alias, tablet, facts }];
  });
}

/** Of the primaries: streams run in those of the target, and a switch is made by all. */
async function readVersions(tablets: readonly FoundTablet[]): Promise<Record<string, string | null>> {
  const primaries = tablets.filter(({ facts }) => facts.type === "PRIMARY");
  const versions = primaries.map(async ({ tablet, facts }) => [facts.alias, await readTabletVersion(tablet)] as const);
  return Object.fromEntries(await Promise.all(versions));
}

async function readSourceServers(
  vtctld: Vtctld,
  plan: HandoffPlan,
  view: HandoffView,
  tablets: readonly FoundTablet[],
  cells: CellFacts,
  silent: SilentTablet[],
): Promise<ServerFacts[]> {
  const all = tablets.map(({ facts }) => facts);
  const primaries = new Map(view.sourceShards.map((shard) => [aliasText(shard.primary), shard]));
  const reading = new Set(
    view.sourceShards.flatMap(({ name }) => readingTablets(plan, all, name, view.targetShards, cells)),
  );
  const asked = tablets.filter(({ facts }) => primaries.has(facts.alias) || reading.has(facts));
  const servers = asked.map(({ alias, facts }) => {
    const shard = primaries.get(facts.alias) ?? view.sourceShards.find(({ name }) => name === facts.shard);
    return heard(
      readServer(vtctld, alias, primaries.has(facts.alias), shard?.database ?? ""),
      alias,
      primaries.has(facts.alias),
      silent,
    );
  });
  return (await Promise.all(servers)).filter((server) => server !== null);
}

async function readTargetServers(
  vtctld: Vtctld,
  view: HandoffView,
  tables: readonly CheckedTable[],
  silent: SilentTablet[],
): Promise<TargetServerFacts[]> {
  const zones = zonesIn(tables);
  const read = async (shard: ShardView): Promise<TargetServerFacts> => ({
    ...(await readServer(vtctld, shard.primary, true, shard.database)),
    shard: shard.name,
    filled: await filledTables(vtctld, shard.primary, tables),
    unknownZones: await unknownZones(vtctld, shard.primary, zones),
  });
  const servers = await Promise.all(view.targetShards.map((shard) => heard(read(shard), shard.primary, true, silent)));
  return servers.filter((server) => server !== null);
}

/** A server that does not answer is a finding like others, so that all are told at once. */
async function heard<T>(
  answer: Promise<T>,
  alias: TabletAlias,
  primary: boolean,
  silent: SilentTablet[],
): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    const { message, code } = asVtpipeError(error);
    if (code === "interrupted") throw error;
    silent.push({ tablet: aliasText(alias), primary, why: message });
    return null;
  }
}
