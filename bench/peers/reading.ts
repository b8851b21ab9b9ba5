import { clientArguments, clientOf } from "../clients.ts";
import { customerTable } from "../data/customer.ts";
import { line, measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { ownChild, type World } from "../world.ts";

/** Reading alone, nothing written: what the source gives, the limit of every dump. */
export async function mysqlClient(world: World): Promise<Peer> {
  const { home, sourceOptions, state, rows } = world;
  const client = await clientOf(home, "mysql");
  const name = "read only: mysql --quick, 1 connection";
  return {
    group: "dump",
    name,
    absent: client === null ? "no mysql client beside mysqld or on PATH" : null,
    async run() {
      const words = ["--quick", "-N", "-e", `SELECT * FROM ${customerTable}`, state.source.database];
      const command = [...(client ?? []), `--defaults-file=${sourceOptions}`, ...clientArguments(home), ...words];
      const measured = await measure(`${line(command)} > /dev/null`);
      return [{ ...measured, group: "dump", name, rows, bytesOut: null }];
    },
  };
}

/** Our own reader without anything behind it. */
export function rawRead(world: World, connections: number): Peer {
  const name = `read only: vtpipe's reader, ${connections} connection${connections > 1 ? "s" : ""}`;
  return {
    group: "dump",
    name,
    absent: null,
    async run() {
      const words = [world.state.directory, String(world.rows), String(connections)];
      const measured = await measure(ownChild("read", ...words));
      return [{ ...measured, group: "dump", name, rows: world.rows, bytesOut: null }];
    },
  };
}
