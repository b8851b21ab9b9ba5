import { newBusyFollow } from "../busy-follow.ts";
import { type BusyName, busyNames, busyVindexes } from "../busy-tables.ts";
import { startWriter } from "../busy-writer.ts";
import type { CliOptions, CliResult } from "../cli.ts";
import { onEveryShard, targetTables } from "../database.ts";
import { expectNothingLeft, expectTrueStatus, sessionsIn } from "./afterwards.ts";
import { newBag } from "./bag-writer.ts";
import { Fault } from "./fault.ts";
import { expectSuccess } from "./kill.ts";
import { openShards } from "./shards.ts";
import type { followVerbs, writtenVerbs } from "./verbs.ts";
import type { World } from "./world.ts";

type WrittenVerb = keyof typeof followVerbs | keyof typeof writtenVerbs;

/**
 * A value of a secondary unique key that moves to a row which is read by a later snapshot is in the files twice, which a run refuses (README,
 * "When something goes wrong"). Tables with such keys are followed, not copied in several goes.
 */
export const copiedInGoes: readonly BusyName[] = ["orders", "payments", "stock", "pages"];

/**
 * Sessions write to the source all the time, and `follow` carries the copy on: whatever was killed, the target must be the source once both
 * stand still. Where following was begun before, the next cell goes on from there.
 */
export async function writtenWorld(
  database: string,
  names: readonly BusyName[] = busyNames,
): Promise<World<WrittenVerb>> {
  const follow = await newBusyFollow(database, 600, names);
  const bagName = `${database}_bag`;
  const bag = await newBag(follow.database, bagName);
  const bagTarget = await targetTables({ [bagName]: bag.target }, busyVindexes);
  const shards = await openShards();
  const writer = await startWriter({ ...follow.busy, seed: database, sessions: 2, perSecond: 80 });
  const { connection } = follow.database;
  const otherSessions = (await sessionsIn(connection, database)).length;
  const { directory, folder } = follow;
  let followed = false;

  const copy = (options?: CliOptions): Promise<CliResult> => follow.run(["run", "--no-verify"], options);
  const catchUp = (): Promise<CliResult> => follow.run(["follow", "--until-caught-up"]);
  const anew = async (): Promise<void> => {
    await follow.again();
    await onEveryShard([`TRUNCATE TABLE ${bagName}`]);
    followed = false;
  };
  const write = (): void => {
    bag.resume();
    writer.resume();
  };
  const standStill = async (): Promise<void> => {
    await bag.pause();
    await writer.pause();
  };
  return {
    directory,
    async begin(verb) {
      write();
      if (verb === "run under writes") return anew();
      if (followed) return;
      await anew();
      expectSuccess("run", await copy());
      followed = true;
    },
    async run(verb, options) {
      if (verb === "run under writes") return copy(options);
      // Without signals it is the last time: what goes on for ever has to have an end then.
      if (options?.signals !== undefined) return follow.run(["follow"], options);
      await standStill();
      return catchUp();
    },
    expectAfterKill: () => expectTrueStatus(directory),
    async expectDone(verb) {
      await standStill();
      if (verb === "run under writes") expectSuccess("follow", await catchUp());
      followed = true;
      await follow.same(0).catch((error: Error) => {
        throw new Fault("different", error.message);
      });
      await bag.expectSame(shards);
      await expectNothingLeft({ directory, folder, connection, database, otherSessions, shards });
      write();
    },
    async [Symbol.asyncDispose]() {
      await bag.pause();
      await writer[Symbol.asyncDispose]();
      await shards[Symbol.asyncDispose]();
      // In this order: positions are taken off a target that still has all tables.
      await follow[Symbol.asyncDispose]();
      await bagTarget[Symbol.asyncDispose]();
    },
  };
}
