import type { Limits } from "../../contracts/limits.ts";
import { quoteString } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import type { Verdict } from "./judge.ts";

type Rows = readonly Readonly<Record<string, string | null>>[];

/** Under this name throttlers know us: `UpdateThrottlerConfig --throttle-app vtpipe` holds us back. */
export const appName = "vtpipe";

export interface TargetLook {
  /** Of vtgate, in the keyspace. */
  readonly session: Session;
  readonly keyspace: string;
  /** null: what vtgate knows has to do. */
  readonly vtctld: Vtctld | null;
}

/** How the target's replicas and throttlers are, as far as there are limits for it. */
export async function lookAtTarget(look: TargetLook, limits: Limits): Promise<Verdict[]> {
  const { session, keyspace, vtctld } = look;
  const asksGate = limits.targetLagSeconds !== null || (limits.vitessThrottler && vtctld === null);
  const replicas = asksGate
    ? ofKeyspace(await session.query(`SHOW VITESS_REPLICATION_STATUS LIKE ${quoteString(`${keyspace}/%`)}`), keyspace)
    : [];
  const verdicts: Verdict[] = [];
  if (limits.targetLagSeconds !== null) verdicts.push(targetLagVerdict(replicas, limits.targetLagSeconds));
  if (limits.vitessThrottler) {
    verdicts.push(
      vtctld === null
        ? throttlerVerdict(replicas, await throttledApps(session))
        : throttlerVerdict([], [], await askThrottlers(vtctld, keyspace)),
    );
  }
  return verdicts;
}

/** Verdicts for a target that gives no answer. */
export function blindToTarget(limits: Limits): Verdict[] {
  const verdicts: Verdict[] = [];
  if (limits.targetLagSeconds !== null) verdicts.push(targetLagVerdict(null, limits.targetLagSeconds));
  if (limits.vitessThrottler) verdicts.push(throttlerVerdict(null, []));
  return verdicts;
}

/** LIKE's `_` in a keyspace's name would match others as well. */
const ofKeyspace = (rows: Rows, keyspace: string): Rows => rows.filter((row) => row["Keyspace"] === keyspace);

/**
 * The replica that is furthest behind, by the rows of SHOW VITESS_REPLICATION_STATUS: `ReplicationLag` is seconds, NULL where
 * replication does not run, and -1 where the tablet gave no answer. null: vtgate gave none.
 */
export function targetLagVerdict(replicas: Rows | null, limit: number): Verdict {
  const base = { reason: "target-lag", way: "loading", limit } as const;
  if (replicas === null)
    return { ...base, observed: null, over: null, text: "vtgate does not tell how far replicas are behind" };
  const known = replicas.flatMap((row) => {
    const text = row["ReplicationLag"] ?? "";
    return /^\d+$/.test(text) ? [{ lag: Number(text), name: `${row["Alias"]} of shard ${row["Shard"]}` }] : [];
  });
  const [worst] = known.toSorted((a, b) => b.lag - a.lag);
  if (worst === undefined) {
    // No replica is no lag; replicas of which none tells anything are another matter.
    const none = { ...base, observed: null, over: replicas.length === 0 ? false : null } as const;
    return {
      ...none,
      text: replicas.length === 0 ? "the target has no replicas" : "no replica of the target tells its lag",
    };
  }
  const text = `replica ${worst.name} is ${worst.lag} s behind, limit ${limit} s`;
  return { ...base, observed: worst.lag, over: worst.lag > limit, text };
}

/** `apps`: those throttled by hand that stand for us. `said`: what throttlers answered us, where they could be asked. */
export function throttlerVerdict(
  replicas: Rows | null,
  apps: readonly string[],
  said: readonly string[] = [],
): Verdict {
  const base = { reason: "vitess-throttler", way: "loading", limit: null, observed: null } as const;
  if (replicas === null) return { ...base, over: null, text: "Vitess's throttler gives no answer" };
  const [held] = [
    ...said,
    ...apps.map((app) => `app ${app} is throttled`),
    ...replicas.flatMap((row) => {
      const { state, message } = throttlerStatus(row["ThrottlerStatus"] ?? "");
      return state === "" || state === "OK" ? [] : [`${row["Alias"]} of shard ${row["Shard"]}: ${message || state}`];
    }),
  ];
  return held === undefined
    ? { ...base, over: false, text: "Vitess's throttler lets rows through" }
    : { ...base, over: true, text: `Vitess's throttler holds rows back: ${held}` };
}

/** `{"state":"OK","load":0.00,"message":""}`; empty where a tablet has no throttler or gave no answer. */
function throttlerStatus(text: string): { readonly state: string; readonly message: string } {
  try {
    const { state, message } = JSON.parse(text) as { state?: unknown; message?: unknown };
    return { state: typeof state === "string" ? state : "", message: typeof message === "string" ? message : "" };
  } catch {
    return { state: "", message: "" };
  }
}

/** Apps that an operator throttles, of those that stand for us. Not every version of Vitess can be asked. */
async function throttledApps(session: Session): Promise<readonly string[]> {
  const rows = await session.query("SHOW VITESS_THROTTLED_APPS").catch(() => []);
  return namesOfUs(rows);
}

export function namesOfUs(rows: Rows): readonly string[] {
  return rows.flatMap((row) => {
    const name = row["app"] ?? Object.values(row)[0] ?? "";
    return name === appName || name === "all" ? [name] : [];
  });
}

/** Asks the throttler of each shard's primary whether we may write; what those say that let us not. */
async function askThrottlers(vtctld: Vtctld, keyspace: string): Promise<readonly string[]> {
  const { tablets } = await vtctld.call("GetTablets", { keyspace, tabletType: "PRIMARY" });
  const answers = await Promise.all(
    tablets.map(async ({ alias, shard }) => {
      if (!alias) return null;
      const { check } = await vtctld.call("CheckThrottler", { tabletAlias: alias, appName, okIfNotExists: true });
      const code = check?.responseCode;
      if (code !== "THRESHOLD_EXCEEDED" && code !== "APP_DENIED") return null;
      return `shard ${shard}: ${check?.summary || check?.message || code}`;
    }),
  );
  return answers.filter((answer) => answer !== null);
}
