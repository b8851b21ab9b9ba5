import type { Peer } from "../samples.ts";
import type { World } from "../world.ts";
import { copyAndHandoff, moveTablesCopy } from "./handoff.ts";
import { insert } from "./insert.ts";
import { mydumper } from "./mydumper.ts";
import { mysqldump, mysqldumpPipe } from "./mysqldump.ts";
import { mysqlClient, rawRead } from "./reading.ts";
import { vtpipeDump } from "./vtpipe-dump.ts";
import { vtpipeLoad } from "./vtpipe-load.ts";

export async function dumpPeers(world: World): Promise<Peer[]> {
  return [
    await mysqlClient(world),
    rawRead(world, 1),
    rawRead(world, 4),
    vtpipeDump(world, 1),
    vtpipeDump(world, 2),
    vtpipeDump(world, 4),
    await mydumper(world, false),
    await mydumper(world, true),
    await mysqldump(world),
  ];
}

export async function loadPeers(world: World): Promise<Peer[]> {
  return [
    await mysqldumpPipe(world),
    insert(world, "gate"),
    vtpipeLoad(world, "values"),
    vtpipeLoad(world, "json-table"),
    vtpipeLoad(world, "auto"),
    insert(world, "shards"),
  ];
}

export function handoffPeers(world: World): Peer[] {
  return [
    copyAndHandoff(world, { verify: false }),
    copyAndHandoff(world, { verify: true }),
    moveTablesCopy(world, 1),
    moveTablesCopy(world, 4),
  ];
}
