import { afterEach, describe, expect, inject, test } from "vitest";
import type { CliResult } from "../support/cli.ts";
import { recordsOf } from "../support/cli.ts";
import { type Cell, cellsOf, type Kind, type Kinds, signalPlans } from "../support/crash/cells.ts";
import { consolidatedWorld } from "../support/crash/consolidated-world.ts";
import { handoffWorld } from "../support/crash/handoff-world.ts";
import { expectSuccess } from "../support/crash/kill.ts";
import { runMatrix } from "../support/crash/matrix.ts";
import { stillWorld } from "../support/crash/still-world.ts";
import { newTally } from "../support/crash/tally.ts";
import { type CopyVerb, copyVerbs, type HandoffVerb, handoffVerbs, stillVerbs } from "../support/crash/verbs.ts";
import type { World } from "../support/crash/world.ts";
import { copiedInGoes, writtenWorld } from "../support/crash/written-world.ts";

/**
 * Programs at work are killed at moments drawn from a seed, and the same command is given again. `npm run test:nightly` kills more of
 * them than `npm test`; the text of a cell that fails says how to have it alone.
 */
const seed = Number(process.env["VTPIPE_CRASH_SEED"] ?? 1);
const kills = Number(process.env["VTPIPE_CRASH_KILLS"] ?? 40);
const [onlyGroup, onlyNumber] = process.env["VTPIPE_CRASH_CELL"]?.split("-") ?? [];

const { kind, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: handoffs of the crash matrix; the target is the ${description}\n`);

/** On top of those of copies: a step of a handoff takes seconds, most of which are Vitess's. */
const handoffKills = Math.max(10, Math.round(kills / 10));
const perKillMs = 60_000;

const open = new Map<string, Promise<World>>();
// Each test has worlds of its own, so that what it leaves open shows.
afterEach(async () => {
  const made = [...open.values()];
  open.clear();
  for (const world of made) await (await world)[Symbol.asyncDispose]();
});

/** The worlds of all verbs; each is made when it is first needed. */
const worlds: Readonly<Record<CopyVerb | HandoffVerb, () => Promise<World>>> = {
  ...each(Object.keys(handoffVerbs) as HandoffVerb[], () => once("handoff", handoffWorld)),
  ...each(Object.keys(stillVerbs) as (keyof typeof stillVerbs)[], () => once("still", stillWorld)),
  "run beside another": () => once("consolidated", consolidatedWorld),
  "run under writes": () => once("written", () => writtenWorld("crash_written", copiedInGoes)),
  follow: () => once("followed", () => writtenWorld("crash_follow")),
};

function each<Verb extends string>(verbs: readonly Verb[], world: () => Promise<World>) {
  return Object.fromEntries(verbs.map((verb) => [verb, world])) as Record<Verb, () => Promise<World>>;
}

function once<Verb extends string>(name: string, make: () => Promise<World<Verb>>): Promise<World> {
  const known = open.get(name) ?? (make() as Promise<World>);
  open.set(name, known);
  return known;
}

async function matrix<Verb extends CopyVerb | HandoffVerb>(
  name: string,
  verbs: Readonly<Record<Verb, Kinds>>,
  wanted: number,
): Promise<void> {
  const tally = newTally();
  const cells: Generator<Cell<Verb>, never> = cellsOf(seed, verbs);
  const turn = Object.keys(verbs).length;
  const only = onlyNumber === undefined ? null : Number(onlyNumber);
  const faults = await runMatrix({
    name,
    seed,
    cells,
    worldOf: (verb) => worlds[verb](),
    kills: wanted,
    turn,
    only,
    tally,
  });
  process.stdout.write(tally.line(name, seed));
  expect(faults).toEqual([]);
  if (only !== null) return;
  expect(tally.hits).toBeGreaterThanOrEqual(wanted);
  expect(
    [...Object.keys(verbs), ...signalPlans].filter((what) => !tally.hit.has(what)),
    "never hit",
  ).toEqual([]);
}

const skips = (group: string): boolean => onlyGroup !== undefined && onlyGroup !== group;

describe.skipIf(skips("copy"))("copies", () => {
  // It takes as long as ten kills do, and changes only with what verbs tell.
  test.skipIf(onlyGroup !== undefined || kills < 100)(
    "what the matrix waits for does occur when nothing is killed",
    async () => {
      for (const verb of Object.keys(copyVerbs) as CopyVerb[]) {
        const world = await worlds[verb]();
        await world.begin(verb);
        const result = await withoutKill(world, verb);
        const missing = (Object.keys(copyVerbs[verb]) as Kind[]).filter((one) => !occurs(one, result, world.directory));
        expect(missing, `never seen in ${verb}`).toEqual([]);
        await world.expectDone(verb);
      }
    },
    300_000,
  );

  test(
    `killed ${kills} times by any signal at any moment: the same command again, and no row is lost or doubled`,
    () => matrix("copy", copyVerbs, kills),
    kills * perKillMs,
  );
});

describe.skipIf(kind !== "vitess" || skips("handoff"))("handoffs", () => {
  test(
    `killed ${handoffKills} times by any signal at any step: the same command again, and source and target are the same`,
    () => matrix("handoff", handoffVerbs, handoffKills),
    handoffKills * perKillMs * 2,
  );
});

/** `follow` has to be ended, and is so once it has told how far it is. */
async function withoutKill(world: World, verb: CopyVerb): Promise<CliResult> {
  if (verb !== "follow") {
    const result = await world.run(verb);
    expectSuccess(verb, result);
    return result;
  }
  const told = {
    signal: "SIGINT",
    when: (events: CliResult["events"]) => events.some(({ type }) => type === "follow"),
  } as const;
  const result = await world.run(verb, { signals: [told] });
  expect(result.exitCode).toBe(130);
  expectSuccess(verb, await world.run(verb));
  return result;
}

/** Records are looked for among all of a ledger, which begins with the verb or before it. */
function occurs(what: Kind, { events }: CliResult, directory: string): boolean {
  const [where, type] = what.split(" ");
  if (where === "start") return true;
  const among: readonly { readonly type: string }[] = where === "event" ? events : recordsOf(directory);
  return among.some((one) => one.type === type);
}
