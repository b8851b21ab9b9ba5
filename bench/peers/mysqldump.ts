import { clientArguments, clientOf } from "../clients.ts";
import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { line, measure, quoted } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { bytesBelow, freshPath, ownChild, type World } from "../world.ts";

const missing = "no mysqldump beside mysqld or on PATH";

/** mysqldump into a file. */
export async function mysqldump(world: CustomerWorld): Promise<Peer> {
  const program = await clientOf(world.home, "mysqldump");
  const name = "mysqldump --single-transaction";
  return {
    group: "dump",
    name,
    absent: program === null ? missing : null,
    async run() {
      const file = await freshPath(world, "mysqldump.sql");
      const measured = await measure(`${line(dumpCommand(world, program ?? [], []))} > ${quoted(file)}`);
      const bytesOut = await bytesBelow(file);
      await freshPath(world, "mysqldump.sql");
      return [{ ...measured, group: "dump", name, rows: world.rows, bytesOut }];
    },
  };
}

export const pipeName = "mysqldump piped into the gate, one session";

/**
 * What people do today: mysqldump piped into the mysql client at the gate. MySQL 9 clients have no
 * mysql_native_password, which vtgate asks for; then a program of ours feeds the statements just the same.
 */
export async function mysqldumpPipe(world: CustomerWorld): Promise<Peer> {
  const { home, loadRows } = world;
  const program = await clientOf(home, "mysqldump");
  const feeder = await feederOf(world);
  const name = `${pipeName} (${feeder.name})`;
  return {
    group: "load",
    name,
    absent: program === null ? missing : null,
    async run() {
      await emptyTarget(world);
      const dump = dumpCommand(world, program ?? [], [...plainSql, `--where=id <= ${loadRows}`]);
      const measured = await measure(`${line(dump)} | ${feeder.line}`);
      await expectLoaded(world);
      return [{ ...measured, group: "load", name, rows: loadRows, bytesOut: null }];
    },
  };
}

async function feederOf(world: World): Promise<{ readonly name: string; readonly line: string }> {
  const { home, gateOptions, target, state } = world;
  const client = await clientOf(home, "mysql");
  if (client !== null) {
    const mysql = line([...client, `--defaults-file=${gateOptions}`, ...clientArguments(home), target.keyspace]);
    const letIn = await measure(`${mysql} -e 'SELECT 1'`).then(
      () => true,
      () => false,
    );
    if (letIn) return { name: "mysql", line: mysql };
  }
  return { name: "fed by us, mysql cannot log in", line: ownChild("feed", state.directory) };
}

/** Without the statements that vtgate refuses, and with a column list, which it needs for routing. */
const plainSql = [
  "--no-create-info",
  "--skip-add-locks",
  "--skip-disable-keys",
  "--skip-set-charset",
  "--skip-tz-utc",
  "--hex-blob",
  "--complete-insert",
];

function dumpCommand(world: World, program: readonly string[], more: readonly string[]): string[] {
  const { home, sourceOptions, state } = world;
  return [
    ...program,
    `--defaults-file=${sourceOptions}`,
    ...clientArguments(home),
    "--single-transaction",
    "--no-tablespaces",
    "--set-gtid-purged=OFF",
    ...more,
    state.source.database,
    customerTable,
  ];
}
