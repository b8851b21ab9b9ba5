import type { Config } from "../../config/config.ts";
import { asVtpipeError, VtpipeError } from "../../contracts/errors.ts";
import type { HandoffStatus } from "../../contracts/handoff-status.ts";
import { readLedger } from "../../store/ledger-file.ts";
import { readManifest } from "../../store/manifest-file.ts";
import { openRunDirectory } from "../../store/run-directory.ts";
import { openHandoffWatch } from "../handoff/watching.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import { newJournal } from "../journal.ts";
import { chunksByTable, rowsOf } from "../run-state.ts";
import { storeKeyOf } from "../store-key.ts";

/** How far a run directory has come. Only reads: it may be asked while a run is at work. */
export interface StatusReport {
  readonly directory: string;
  readonly createdAt: string;
  /** Is every row in files? */
  readonly dumped: boolean;
  readonly snapshots: readonly {
    readonly position: string | null;
    readonly takenAt: string;
    readonly lockMs: number;
  }[];
  readonly targets: readonly string[];
  readonly tables: readonly StatusTable[];
  /** What `vtpipe follow` last recorded; the newest position is in the shards' own tables. */
  readonly follows: readonly {
    readonly target: string;
    readonly event: "started" | "stopped" | "finished";
    readonly position: string;
    readonly at: string;
    readonly tables: readonly string[];
  }[];
  /** null: the config has no handoff section, or Vitess did not answer, which a warning says. */
  readonly handoff: HandoffStatus | null;
}

export interface StatusTable {
  readonly source: string;
  readonly target: string;
  readonly chunks: number;
  readonly rows: number;
  readonly bytes: number;
  /** By target: chunks loaded, chunks begun, and the newest verdict. */
  readonly loads: readonly {
    readonly target: string;
    readonly loaded: number;
    readonly begun: number;
    readonly verified: boolean | null;
  }[];
}

/** `config` is for the key and the handoff's part; null: there is none. The files are reported whatever servers do. */
export async function statusJob(
  path: string,
  config: Config | null,
  context: JobContext,
): Promise<{ readonly report: StatusReport; readonly outcome: JobOutcome }> {
  const directory = await openRunDirectory(path);
  for (const text of directory.warnings) context.emit({ type: "warning", code: "directory-mode", text });
  const key = config && storeKeyOf(config);
  const manifest = await readManifest(directory.manifestFile, key);
  const { records, torn } = await readLedger(directory.ledgerFile, key);
  if (manifest === null) {
    throw new VtpipeError({
      code: "files",
      message: `There is no manifest in ${directory.path}.`,
      now: "Nothing was changed.",
      todo: "Give the directory of a run that has begun.",
    });
  }
  if (torn)
    context.emit({ type: "note", text: "The ledger's last record is half-written: a run is at work, or was killed." });
  const journal = newJournal(records);
  const chunks = journal.chunks.size > 0 ? [...journal.chunks.values()] : manifest.chunks;
  const snapshots = journal.snapshots.length > 0 ? journal.snapshots : manifest.snapshots;
  const targets = journal.targets;
  const byTable = chunksByTable({ ...manifest, chunks });
  const tables = manifest.tables.map((table): StatusTable => {
    const own = byTable.get(table.source) ?? [];
    const inState = (target: string, state: string): number =>
      own.filter(({ chunk }) => journal.loadState(target, chunk) === state).length;
    return {
      source: table.source,
      target: table.target,
      chunks: own.length,
      rows: rowsOf(own),
      bytes: own.reduce((sum, { bytesRaw }) => sum + bytesRaw, 0),
      loads: targets.map((target) => ({
        target,
        loaded: inState(target, "loaded"),
        begun: inState(target, "loading"),
        verified: journal.verified(target, table.source),
      })),
    };
  });
  const report: StatusReport = {
    directory: directory.path,
    createdAt: manifest.createdAt,
    dumped: manifest.complete,
    snapshots: snapshots.map(({ position, takenAt, lockMs }) => ({ position, takenAt, lockMs })),
    targets,
    tables,
    follows: targets.flatMap((target) =>
      journal.follows(target).map(({ event, position, at, tables: followed }) => ({
        target,
        event,
        position,
        at,
        tables: followed,
      })),
    ),
    handoff: config === null || config.handoff === null ? null : await lookOnce(config, context),
  };
  const last = snapshots.at(-1);
  const outcome: JobOutcome = {
    ...emptyOutcome,
    directory: directory.path,
    position: last?.position ?? null,
    lockMs: last?.lockMs ?? null,
    tables: manifest.tables.map(({ source, target, class: tableClass }, index) => ({
      source,
      target,
      class: tableClass,
      rows: tables[index]?.rows ?? 0,
      bytes: tables[index]?.bytes ?? 0,
      chunks: tables[index]?.chunks ?? 0,
      verified: tables[index]?.loads.at(-1)?.verified ?? null,
    })),
  };
  return { report, outcome };
}

async function lookOnce(config: Config, context: JobContext): Promise<HandoffStatus | null> {
  try {
    await using watch = await openHandoffWatch(config, context.stop.signal);
    return await watch.look();
  } catch (error) {
    const { message, todo } = asVtpipeError(error);
    const text = `How the handoff stands is not known: ${message} ${todo}`;
    context.emit({ type: "warning", code: "handoff-unknown", text });
    return null;
  }
}
