import { type Cell, cellText } from "./cells.ts";
import { Fault } from "./fault.ts";
import { endOf, expectSuccess, signalsOf } from "./kill.ts";
import type { Tally } from "./tally.ts";
import type { World } from "./world.ts";

/** Kills the verb as the cell says and gives the same command again, until it has come to its end. Throws a `Fault`. */
async function runCell<Verb extends string>(world: World<Verb>, cell: Cell<Verb>, tally: Tally): Promise<void> {
  const { verb, kills } = cell;
  await world.begin(verb);
  let done = false;
  for (const kill of kills) {
    const result = await world.run(verb, { signals: signalsOf(kill, world.directory) });
    const end = endOf(kill, result);
    tally.count(verb, kill, end);
    done = end === "too late";
    if (done) break;
    await world.expectAfterKill(verb);
  }
  if (!done) expectSuccess(`${verb}, given again,`, await world.run(verb));
  await world.expectDone(verb);
}

export interface MatrixOptions<Verb extends string> {
  /** Stands before the numbers of cells. */
  readonly name: string;
  readonly seed: number;
  readonly cells: Generator<Cell<Verb>, never>;
  /** The world of a verb. */
  worldOf(verb: Verb): Promise<World<Verb>>;
  /** How many kills have to hit, and how many cells it takes to give each verb its turn. */
  readonly kills: number;
  readonly turn: number;
  /** The only cell that is run; null: as many as it takes. */
  readonly only: number | null;
  readonly tally: Tally;
}

/** After so many faults a matrix has shown enough. */
const mostFaults = 5;
/** Hundreds of cells take an hour: faults are told at once, and now and then how it stands. Of a run that is ended it is all there is. */
const cellsBetweenLines = 50;

/** Runs cells until enough kills have hit a program at work, in twice as many cells at most. Returns what went wrong, in words. */
export async function runMatrix<Verb extends string>(options: MatrixOptions<Verb>): Promise<string[]> {
  const { name, seed, cells, kills, only, tally } = options;
  const faults: string[] = [];
  for (const cell of cells) {
    if (only !== null && cell.number < only) continue;
    if (faults.length === mostFaults) break;
    if (only === null ? tally.hits >= kills && cell.number > options.turn : cell.number > only) break;
    if (cell.number > Math.max(2 * kills, options.turn, only ?? 0)) {
      faults.push(`only ${tally.hits} of ${kills} kills hit a program at work in ${cell.number - 1} cells`);
      break;
    }
    tally.begin(cell.verb);
    try {
      await runCell(await options.worldOf(cell.verb), cell, tally);
    } catch (error) {
      tally.fault(error);
      const why = error instanceof Fault ? `${error.kind}: ${error.message}` : String((error as Error)?.stack ?? error);
      const text = `${cellText(cell, name, seed)}\n  ${why}`;
      faults.push(text);
      process.stdout.write(`${text}\n`);
    }
    if (cell.number % cellsBetweenLines === 0) process.stdout.write(`so far: ${tally.line(name, seed)}`);
  }
  return faults;
}
