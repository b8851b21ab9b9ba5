import { clientArguments, clientOf } from "../clients.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { line, measure } from "../measure.ts";
import type { Group, Peer } from "../samples.ts";
import { ownChild, type World } from "../world.ts";

const connectionsText = (count: number): string => `${count} connection${count > 1 ? "s" : ""}`;

export const clientName = (connections: number): string => `read only: mysql --quick, ${connectionsText(connections)}`;
export const readName = (connections: number): string => `read only: vtpipe's reader, ${connectionsText(connections)}`;

/** Reading alone, nothing written: what the source gives, the limit of every dump. Each connection is a client of its own. */
export async function mysqlClient(world: CustomerWorld, connections: number): Promise<Peer> {
  const { home, sourceOptions, state, rows } = world;
  const client = await clientOf(home, "mysql");
  const name = clientName(connections);
  const share = Math.ceil(rows / connections);
  const query = (part: number): string =>
    `SELECT * FROM ${customerTable} WHERE id > ${part * share} AND id <= ${(part + 1) * share}`;
  return {
    group: "dump",
    name,
    absent: client === null ? "no mysql client beside mysqld or on PATH" : null,
    async run() {
      const command = [...(client ?? []), `--defaults-file=${sourceOptions}`, ...clientArguments(home)];
      const parts = Array.from({ length: connections }, (_, part) =>
        line([...command, "--quick", "-N", "-e", query(part), state.source.database]),
      );
      const started = parts.map((part, at) => `${part} > /dev/null & p${at}=$!`).join("\n");
      const measured = await measure(`${started}\n${parts.map((_, at) => `wait $p${at}`).join(" && ")}`);
      return [{ ...measured, group: "dump", name, rows, bytesOut: null }];
    },
  };
}

/** Our own reader without anything behind it. */
export function rawRead(
  world: World,
  {
    group,
    name,
    table,
    rows,
    connections,
  }: {
    readonly group: Group;
    readonly name: string;
    readonly table: string;
    readonly rows: number;
    readonly connections: number;
  },
): Peer {
  return {
    group,
    name,
    absent: null,
    async run() {
      const words = [world.state.directory, table, String(rows), String(connections)];
      const measured = await measure(ownChild("read", ...words));
      return [{ ...measured, group, name, rows, bytesOut: null }];
    },
  };
}
