import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { HandedTable } from "../../contracts/handoff.ts";
import {
  findSequences,
  raiseSequence,
  type SequenceHome,
  type SequenceUse,
  sequenceUses,
} from "../../handoff/sequences.ts";
import type { HandoffView, ShardView, TabletAlias } from "../../handoff/view.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { openSession } from "../../mysql/session.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";
import type { JobContext } from "../job.ts";
import { targetAddress } from "../target-side.ts";
import type { HandoffSide } from "./handoff-side.ts";
import { type StepMode, takeSteps } from "./steps.ts";

/** Sequences count in a signed BIGINT. */
const largest = (1n << 63n) - 1n;

/**
 * Vitess sets the sequences of the tables it switches itself; those of `tables` are set here, above every value on the target
 * and above every one that the source has ever given out, deleted rows included. To be called when nobody writes.
 */
export async function raiseSequences(
  side: HandoffSide,
  config: Config,
  view: HandoffView,
  tables: readonly HandedTable[],
  context: JobContext,
  mode: StepMode,
): Promise<void> {
  const { vSchema } = await side.vtctld.call("GetVSchema", { keyspace: view.names.targetKeyspace });
  const uses = vSchema === null ? [] : sequenceUses(vSchema, tables);
  const homes = await findSequences(side.vtctld, uses);
  for (const [sequence, [home, ...others]] of homes) {
    if (home === undefined || others.length > 0) throw notFound(sequence);
    const own = uses.filter((use) => use.sequence === sequence);
    const greatest = await greatestUsed(side, view, own);
    const primary = await onlyPrimary(side, home);
    const before = await numberAt(side, primary, `select next_id as answer from ${quoteName(home.table)} where id = 0`);
    await takeSteps(side, [raiseSequence(home, primary, greatest)], context, mode);
    if (!mode.printOnly) await dropCachedRange(config, home, before, greatest);
  }
}

async function greatestUsed(side: HandoffSide, view: HandoffView, uses: readonly SequenceUse[]): Promise<bigint> {
  let greatest = 0n;
  const see = (value: bigint): void => {
    if (value > greatest) greatest = value;
  };
  for (const { target, column, source } of uses) {
    const query = `select max(${quoteName(column)}) as answer from ${quoteName(target)}`;
    for (const { primary } of view.targetShards) see(await numberAt(side, primary, query));
    for (const shard of view.sourceShards) see(await sourceCounter(side, shard, source));
    if (greatest >= largest) throw usedUp(target, column);
  }
  return greatest;
}

/** The greatest AUTO_INCREMENT value that the source has given out for a table; 0 without such a column. */
async function sourceCounter({ vtctld }: HandoffSide, { primary }: ShardView, table: string): Promise<bigint> {
  const query = `show create table ${quoteName(table)}`;
  const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias: primary, query, maxRows: 1 });
  const options =
    (resultRows(result)[0]?.["Create Table"] ?? "").split("\n").find((line) => line.startsWith(") ")) ?? "";
  return BigInt(/ AUTO_INCREMENT=(\d+)/.exec(options)?.[1] ?? 1) - 1n;
}

async function onlyPrimary({ vtctld }: HandoffSide, { keyspace, table }: SequenceHome): Promise<TabletAlias> {
  const { shards } = await vtctld.call("FindAllShardsInKeyspace", { keyspace });
  const [shard, ...others] = Object.values(shards);
  const primary = shard?.shard?.primaryAlias;
  if (primary && others.length === 0) return primary;
  throw new VtpipeError({
    code: "preflight",
    message: `Keyspace ${keyspace} of sequence ${table} has ${others.length + 1} shards, or no primary.`,
    now: "The sequence was not changed.",
    todo: "Bring up its primary; a sequence belongs into a keyspace of one shard.",
  });
}

async function numberAt({ vtctld }: HandoffSide, tabletAlias: TabletAlias, query: string): Promise<bigint> {
  const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias, query, maxRows: 1 });
  const answer = resultRows(result)[0]?.["answer"] ?? "0";
  return BigInt(/^-?\d+$/.test(answer) ? answer : "0");
}

/**
 * The sequence's tablet may hold a range that it took before, all of it below `before`. Asked for more than can be left of
 * that, it takes a new range from the table.
 */
async function dropCachedRange(config: Config, home: SequenceHome, before: bigint, greatest: bigint): Promise<void> {
  await using gate = await openSession(targetAddress(config), { purpose: "target" });
  const next = async (count: bigint): Promise<bigint> => {
    const [row = {}] = await gate.query(`select next ${count} values from ${quoteTable(home.keyspace, home.table)}`);
    return BigInt(Object.values(row)[0] ?? "0");
  };
  const given = await next(1n);
  if (given > greatest) return;
  if (before > given && (await next(before - given)) > greatest) return;
  throw new VtpipeError({
    code: "target",
    message: `Sequence ${home.keyspace}.${home.table} was set above ${greatest}, and still gives out ${given}.`,
    now: "Traffic was not switched.",
    todo: "Look who else changes the sequence's table; then run `vtpipe switch` again.",
  });
}

function notFound(sequence: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Sequence ${sequence} is not in the vschema of exactly one unsharded keyspace.`,
    now: "Traffic was not switched.",
    todo: "Put it there, with the type sequence, and run `vtpipe switch` again.",
  });
}

function usedUp(table: string, column: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Column ${column} of table ${table} holds values beyond what a sequence can give (${largest}).`,
    now: "Traffic was not switched.",
    todo: `Take autoIncrement off ${table} in the vschema.`,
  });
}
