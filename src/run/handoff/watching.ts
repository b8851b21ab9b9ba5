import { stat } from "node:fs/promises";
import type { Config } from "../../config/config.ts";
import type { HandoffStatus, LaneStatus } from "../../contracts/handoff-status.ts";
import {
  type HandoffMemory,
  handoffStatus,
  snapshotMemory,
  streamKey,
  workflowsOf,
} from "../../handoff/handoff-status.ts";
import { stateMeaning } from "../../handoff/machine.ts";
import { throttledNow } from "../../handoff/stream-status.ts";
import { throttledAtSource } from "../../handoff/throttling.ts";
import { type HandoffView, type ShardView, streamsWorkflow } from "../../handoff/view.ts";
import { readLedger } from "../../store/ledger-file.ts";
import { openRunDirectory } from "../../store/run-directory.ts";
import type { StoreKey } from "../../store/store-key.ts";
import { type Journal, newJournal } from "../journal.ts";
import { storeKeyOf } from "../store-key.ts";
import { type HandoffSide, handoffPlan, laneStates, openHandoffSide } from "./handoff-side.ts";
import { lookAtServers } from "./server-look.ts";

/** A handoff that is looked at again and again. Only reads, and needs no lock: whoever hands over is not held up. */
export interface HandoffWatch {
  look(): Promise<HandoffStatus>;
}

/** Who looks every few seconds has no use for an answer that takes longer. */
const LOOK_TIMEOUT_MS = 10_000;

export async function openHandoffWatch(config: Config, signal: AbortSignal): Promise<HandoffWatch & AsyncDisposable> {
  const directory = await openRunDirectory(config.directory);
  const side = await openHandoffSide(config, signal, LOOK_TIMEOUT_MS);
  return {
    ...watchHandoff(side, journalReader(directory.ledgerFile, storeKeyOf(config))),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  };
}

/** Watches over `side`, which stays the caller's. `journal` gives the run directory's, as it is at that moment. */
export function watchHandoff(side: HandoffSide, journal: () => Promise<Journal>): HandoffWatch {
  let memory: HandoffMemory | null = null;
  let before: HandoffView | null = null;
  let silentSince: string | null = null;
  return {
    async look() {
      const known = await journal();
      before ??= await side.look();
      memory ??= firstMemory(before, known);
      // In this order, so that a stream that follows closely is not taken for one that lags.
      const { servers, silent } = await lookAtServers(side.vtctld, before);
      const view = await side.look();
      before = view;
      const lanes = lanesOf(side, view, known);
      const at = new Date().toISOString();
      const next = handoffStatus({ at, lanes, view, servers, throttlers: await askThrottlers(side, view) }, memory);
      memory = next.memory;
      silentSince = silent.length === 0 ? null : (silentSince ?? at);
      const away = silentSince === null ? null : { since: silentSince, what: silent.join("; ") };
      return { ...next.status, away };
    },
  };
}

/** The ledger folded, read anew only when it has changed. */
function journalReader(file: string, key: StoreKey | null): () => Promise<Journal> {
  let changed = -1;
  let journal = newJournal();
  return async () => {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: -1 }));
    if (mtimeMs !== changed) journal = newJournal((await readLedger(file, key)).records);
    changed = mtimeMs;
    return journal;
  };
}

function firstMemory({ names, sourceShards }: HandoffView, { snapshots }: Journal): HandoffMemory {
  return snapshotMemory(`${names.sourceKeyspace}/${sourceShards[0]?.name}`, snapshots);
}

function lanesOf(side: HandoffSide, view: HandoffView, journal: Journal): LaneStatus[] {
  const record = journal.handoff(side.target);
  if (record === null) return [];
  return laneStates(view, handoffPlan(side, record.tables), record.event).map(({ lane, state }) => ({
    lane,
    workflow: lane === "move-tables" ? side.names.workflow : streamsWorkflow(side.names),
    tables: record.tables.filter((table) => table.lane === lane).length,
    state,
    meaning: stateMeaning[state],
  }));
}

/** Asks the throttlers that hold streams back why they do, in their own words. */
async function askThrottlers({ vtctld }: HandoffSide, view: HandoffView): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const held = workflowsOf(view).flatMap(({ into, workflow }) =>
    workflow.streams.filter(throttledNow).map((stream) => ({ into, workflow: workflow.name, stream })),
  );
  for (const { into, workflow, stream } of held) {
    const place = throttledAtSource(stream) ? stream.from : { keyspace: into, shard: stream.shard };
    const primary = shardsOf(view, place.keyspace).find(({ name }) => name === place.shard)?.primary;
    if (primary === undefined) continue;
    // Vitess throttles a stream under these three names together.
    const appName = `${stream.throttled?.by}:${workflow}:vreplication`;
    const answer = await vtctld
      .call("CheckThrottler", { tabletAlias: primary, appName, skipRequestHeartbeats: true })
      .catch(() => null);
    answers.set(streamKey(into, workflow, stream), answer?.check?.summary || answer?.check?.message || "");
  }
  return answers;
}

function shardsOf({ names, sourceShards, targetShards }: HandoffView, keyspace: string): readonly ShardView[] {
  return keyspace === names.sourceKeyspace ? sourceShards : targetShards;
}
