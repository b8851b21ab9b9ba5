import { VtpipeError } from "../../contracts/errors.ts";
import type { Gtid } from "../gtid-set.ts";

const gtidName = (gtid: Gtid | null): string => (gtid === null ? "the log" : `transaction ${gtid.uuid}:${gtid.number}`);
const applied = "Transactions before it are applied as far as was reported; nothing of it was changed on the target.";

/** The log holds something that cannot be followed exactly. `todo` says how to go on. */
export function unfollowable(gtid: Gtid | null, message: string, todo: string, table?: string): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `In ${gtidName(gtid)}: ${message}`,
    now: applied,
    todo,
    context: {
      ...(gtid === null ? {} : { gtid: `${gtid.uuid}:${gtid.number}` }),
      ...(table === undefined ? {} : { table }),
    },
  });
}

export function damaged(gtid: Gtid | null, cause: Error): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `An event in ${gtidName(gtid)} of the source's binary log cannot be read: ${cause.message}.`,
    now: applied,
    todo: "Check the log on the source with mysqlbinlog --verify-binlog-checksum; if it is whole, report this as a bug.",
    cause,
  });
}

export const copyAgain = "Copy the table again into an empty target with a new run directory.";
