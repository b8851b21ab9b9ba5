import type { Limits } from "../../contracts/limits.ts";
import type { Session } from "../../mysql/session.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import { newAsker } from "./asker.ts";
import type { Verdict } from "./judge.ts";
import { blindToSource, historyListLength, lookAtSource } from "./look-at-source.ts";
import { blindToTarget, lookAtTarget } from "./look-at-target.ts";

export interface LimitedSource {
  open(signal: AbortSignal): Promise<Session>;
  /** Readers of ours that are at work on it. */
  readers(): number;
  /** Is there anything left to read from it? */
  isRead(): boolean;
  /** Does it keep undo for a snapshot of ours? */
  holdsSnapshot(): boolean;
}

export interface LimitedTarget {
  readonly keyspace: string;
  open(signal: AbortSignal): Promise<Session>;
  /** null: the config names no vtctld. */
  readonly openVtctld: (() => Promise<Vtctld>) | null;
}

/** What one look at both servers shows. */
export interface ServerLook {
  readonly verdicts: readonly Verdict[];
  /** Of the source's history list; null: not asked for, or not to be seen. */
  readonly history: number | null;
  /** Was the source asked for it? */
  readonly historyAsked: boolean;
}

/** Asks source and target for what has a limit, each over a connection of its own. */
export interface ServerAsker extends AsyncDisposable {
  look(limits: Limits): Promise<ServerLook>;
}

/** Without limits the source is only asked for its history list, which grows slowly. */
const idleLooks = 10;

export function newServerAsker(source: LimitedSource | null, target: LimitedTarget | null): ServerAsker {
  const sourceAsker = source && newAsker(source.open);
  const targetAsker = target && newAsker(target.open);
  let vtctld: Promise<Vtctld> | null = null;
  let looks = 0;

  async function askSource(limits: Limits): Promise<ServerLook> {
    const nothing = { verdicts: [], history: null, historyAsked: false };
    if (source === null || sourceAsker === null || !source.isRead()) return nothing;
    const { threadsRunning, sourceLagSeconds, historyListLength: mostHistory } = limits;
    const isIdle = threadsRunning === null && sourceLagSeconds === null && mostHistory === null;
    const [readers, historyAsked] = [source.readers(), source.holdsSnapshot()];
    if (isIdle && (!historyAsked || looks % idleLooks !== 0)) return nothing;
    const answer = await sourceAsker.ask(async (session) => ({
      verdicts: await lookAtSource(session, limits, readers),
      history: historyAsked ? await historyListLength(session) : null,
      historyAsked,
    }));
    return answer ?? { ...nothing, verdicts: blindToSource(limits) };
  }

  async function askTarget(limits: Limits): Promise<readonly Verdict[]> {
    if (target === null || targetAsker === null) return [];
    if (limits.targetLagSeconds === null && !limits.vitessThrottler) return [];
    const { keyspace } = target;
    const verdicts = await targetAsker.ask(async (session) =>
      lookAtTarget({ session, keyspace, vtctld: limits.vitessThrottler ? await openedVtctld() : null }, limits),
    );
    return verdicts ?? blindToTarget(limits);
  }

  async function openedVtctld(): Promise<Vtctld | null> {
    if (!target?.openVtctld) return null;
    vtctld ??= target.openVtctld();
    return vtctld.catch((error: unknown) => {
      vtctld = null;
      throw error;
    });
  }

  return {
    async look(limits) {
      const [ofSource, ofTarget] = await Promise.all([askSource(limits), askTarget(limits)]);
      looks++;
      return { ...ofSource, verdicts: [...ofSource.verdicts, ...ofTarget] };
    },
    async [Symbol.asyncDispose]() {
      await sourceAsker?.[Symbol.asyncDispose]();
      await targetAsker?.[Symbol.asyncDispose]();
      await vtctld?.then((opened) => opened.close()).catch(() => {});
    },
  };
}
