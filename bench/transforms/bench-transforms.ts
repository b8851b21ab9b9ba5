import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../measure.ts";
import { ownChild } from "../world.ts";
import { benchChains } from "./chains.ts";
import { chainsTable, lineOf, type MeasuredChain } from "./report.ts";
import { personColumns, persons } from "./table.ts";
import type { ChainFigures, ChainOrder } from "./thread.ts";
import { answerBytes, serveAnswers } from "./wire.ts";

export interface TransformBenchOptions {
  readonly rows: number;
  readonly rounds: number;
  readonly pairs: number;
  /** Only chains whose name has this in it. */
  readonly only?: string;
  readonly seed: string;
  readonly json?: boolean;
}

/**
 * What chains cost a worker, without MySQL: the answer to a SELECT comes, ready made, over a socket. Each chain has a process of its
 * own in each round, in which it alternates with identity, so that what else the machine does meets both.
 */
export async function benchTransforms(options: TransformBenchOptions, say: (text: string) => void): Promise<void> {
  const { rows, rounds, pairs, only = "", seed } = options;
  const chains = benchChains.filter(({ name }) => name.includes(only));
  if (chains.length === 0) throw new Error(`no chain has "${only}" in its name`);
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-bench-"));
  const found = new Map<string, ChainFigures[]>(chains.map(({ name }) => [name, []]));
  try {
    // Only `sql` has the source compute a cell.
    const answers = [0, 1].map((extra) => answerBytes(persons(rows, seed), personColumns.length, extra));
    const socket = join(folder, "answers.sock");
    await using _server = await serveAnswers(socket, answers);
    for (let round = 1; round <= rounds; round++) {
      for (const { name } of round % 2 === 1 ? chains : chains.toReversed()) {
        say(`round ${round} of ${rounds}: ${name}`);
        const order: ChainOrder = { chain: name, rows, pairs, socket, folder };
        const { stdout } = await measure(ownChild("transforms", JSON.stringify(order)));
        found.get(name)?.push(JSON.parse(stdout) as ChainFigures);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const measured = [...found].map(([name, all]): MeasuredChain => ({ name, rows, rounds: all }));
  const line = lineOf(measured, rows, rounds);
  const size = (measured[0]?.rounds[0]?.bytesIn ?? 0) / 1e6;
  const head = `${rows.toLocaleString("en")} rows of 12 columns, ${size.toFixed(1)} MB, ${rounds} rounds of ${pairs} pairs, ${cpus().length} cores, Node ${process.versions.node}`;
  console.log([head, "", chainsTable(line.chains)].join("\n"));
  if (options.json) console.log(JSON.stringify(line));
}
