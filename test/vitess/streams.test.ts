import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Login } from "../support/busy-tables.ts";
import { positionOf } from "../support/busy-writer.ts";
import { eventually } from "../support/process-command.ts";
import { differenceOf, differingTables } from "../support/same-rows.ts";
import {
  addStreams,
  deleteStreams,
  type Stream,
  type StreamSite,
  sharedSite,
  startStreams,
  streamsOf,
  takeTestSnapshot,
} from "../support/vreplication.ts";
import {
  createCase,
  events,
  foundOf,
  preload,
  type Shape,
  type StreamCase,
  type Style,
  selectOf,
  shapesOf,
  streamCases,
} from "./stream-cases.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: what VReplication carries; the target is the ${description}\n`);

/** A case in one shape, through one kind of select list. */
interface Trial {
  readonly one: StreamCase;
  readonly shape: Shape;
  readonly style: Style;
  readonly source: string;
  readonly target: string;
  /** Those that end a stream have one to themselves. */
  readonly workflow: string;
}

const trials: readonly Trial[] = streamCases.flatMap((one) =>
  shapesOf(one).flatMap((shape) =>
    (["star", "list"] as const).flatMap((style) => {
      const source = `st_${one.name}_${shape}`;
      const target = `${source}_${style}`;
      const ends = foundOf(one, shape) === "stops" || foundOf(one, shape) === "retries";
      if (ends && style === "list") return [];
      return [{ one, shape, style, source, target, workflow: ends ? target : `st_${style}` }];
    }),
  ),
);
const workflows = [...new Set(trials.map(({ workflow }) => workflow))];

/**
 * Which columns VReplication carries on exactly, without a copy phase, from a position on: what a handoff has to refuse is
 * what is found here, or a target differs from its source without anybody being told.
 */
describe.skipIf(kind !== "vitess")("a real stream", () => {
  let site: StreamSite;
  let source: Connection;
  let shard: Connection;
  /** Target tables that are not what their source is; by workflow how its stream ended, if it did. */
  let differing: ReadonlySet<string>;
  const ends = new Map<string, string>();
  const sources = new Map(trials.map((trial) => [trial.source, trial]));

  beforeAll(async () => {
    site = await sharedSite();
    const [first] = site.shards;
    if (first === undefined) throw new Error("no shard");
    const database = inject("source").database;
    source = await login(site.source, database);
    shard = await login(first, first.database);
    await Promise.all(workflows.map((workflow) => deleteStreams(site, workflow).catch(() => {})));
    await Promise.all([
      ...[...sources.values()].map(({ source: name, one, shape }) => remake(source, name, one, shape)),
      ...trials.map(({ target, one, shape }) => remake(shard, target, one, shape)),
    ]);
    await using snapshot = await takeTestSnapshot(site.source, database);
    for (const workflow of workflows) {
      const rules = trials
        .filter((trial) => trial.workflow === workflow)
        .map(({ target, one, shape, style, source: from }) => ({
          match: target,
          filter: () => selectOf(one, shape, style, from),
        }));
      await addStreams(site, workflow, rules, snapshot.position, [first.name]);
    }
    for (const { source: name, one, shape } of sources.values()) {
      await source.query(
        [one.session ?? "DO 0", ...events(one, shape, name), "SET SESSION binlog_row_value_options = ''"].join(";"),
      );
    }
    const position = await positionOf(source);
    await Promise.all(workflows.map((workflow) => startStreams(site, workflow)));
    for (const workflow of workflows) {
      await eventually(`${workflow} is through or fails`, async () => {
        const [stream] = await streamsOf(site, workflow);
        if (stream === undefined) return false;
        const end = endOf(stream);
        if (end !== null) ends.set(workflow, end);
        return end !== null || (await isPast(source, position, stream));
      });
    }
    const there = { server: first, database: first.database };
    differing = await differingTables({ server: site.source, database }, there, trials);
  }, 300_000);

  afterAll(async () => {
    await Promise.all(workflows.map((workflow) => deleteStreams(site, workflow)));
    await source.query(`DROP TABLE IF EXISTS ${[...sources.keys()].join(", ")}`);
    await shard.query(`DROP TABLE IF EXISTS ${trials.map(({ target }) => target).join(", ")}`);
    await source.end();
    await shard.end();
  });

  async function reasons({ source: table, target }: Trial): Promise<string | null> {
    const from = { server: site.source, database: inject("source").database, table };
    return differenceOf({ source: from, target: { servers: site.shards.slice(0, 1), table: target } });
  }

  const titled = trials.map((trial) => ({ ...trial, found: foundOf(trial.one, trial.shape) }));
  const title = "$one.name, $shape, $style";

  test.each(titled.filter(({ found }) => found === null))(`carries exactly: ${title}`, async (trial) => {
    expect(ends.get(trial.workflow)).toBeUndefined();
    if (differing.has(trial.target)) expect(await reasons(trial)).toBeNull();
  });

  // Nobody is told of these but by a comparison: the stream goes on.
  test.each(titled.filter(({ found }) => found === "changed"))(`changes: ${title}`, ({ workflow, target }) => {
    expect(ends.get(workflow)).toBeUndefined();
    expect(differing).toContain(target);
  });

  // A stream writes every column of a row that changed, so it is no help that nobody touches this one.
  test.each(titled.filter(({ found, shape }) => found === "changed" && shape === "plain"))(
    `changes what was left alone: ${title}`,
    async ({ source: name, target, one }) => {
      const untouched = (from: string) =>
        `SELECT ${one.more === undefined ? "HEX(v)" : "CONCAT_WS(' ', HEX(v), t)"} AS v FROM ${from} WHERE id BETWEEN 200 AND 299 ORDER BY id`;
      const [[ours], [theirs]] = [await source.query(untouched(name)), await shard.query(untouched(target))];
      expect(theirs).not.toEqual(ours);
    },
  );

  test.each(titled.filter(({ found }) => found === "stops"))(`stops at: ${title}`, ({ workflow }) => {
    expect(ends.get(workflow)).toMatch(/^Error: terminal error/);
  });

  test.each(titled.filter(({ found }) => found === "retries"))(`never gets past: ${title}`, ({ workflow }) => {
    expect(ends.get(workflow)).toMatch(/^Running: /);
  });
});

function login({ host, port, user, password }: Login, database: string): Promise<Connection> {
  return createConnection({ host, port, user, password, database, charset: "utf8mb4", multipleStatements: true });
}

async function remake(connection: Connection, name: string, one: StreamCase, shape: Shape): Promise<void> {
  const statements = [
    "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'",
    `DROP TABLE IF EXISTS ${name}`,
    createCase(one, shape, name),
    // Columns that take the time have the same one on both sides.
    "SET timestamp = 1000000000",
    "START TRANSACTION",
    ...preload(one, shape, name),
    "COMMIT",
    "SET timestamp = DEFAULT",
  ];
  await connection.query(statements.join(";"));
}

/** How a stream has failed; null while it has not. It also says in its message which tablet it reads from. */
function endOf({ state, message }: Stream): string | null {
  const harmless = message === "" || message.startsWith("Picked source tablet");
  return state === "Error" || !harmless ? `${state}: ${message}` : null;
}

async function isPast(connection: Connection, position: string, { pos }: Stream): Promise<boolean> {
  const [wanted, reached] = [position, pos].map((text) => text.replace("MySQL56/", ""));
  const [rows] = await connection.query<RowDataPacket[]>("SELECT GTID_SUBSET(?, ?) AS past", [wanted, reached]);
  return Number(rows[0]?.["past"]) === 1;
}
