import { asVtpipeError } from "../contracts/errors.ts";
import { SILENCE } from "../mysql/server-errors.ts";

/** What an overloaded target is short of: places in a pool, rate, room for the statement's bytes, time. */
export type Refusal = "places" | "throttled" | "payload" | "time";

/** What a failed statement means for what to do next. */
export type Trouble =
  /** A row with that key is there already. */
  | { readonly kind: "duplicate" }
  /**
   * Worth trying again. `applied` says whether the statement may have taken effect all the same; `slower`: the target
   * is overloaded, and `refusal` says by what; `gone`: the session cannot be used any more.
   */
  | {
      readonly kind: "again";
      readonly applied: "no" | "unknown";
      readonly slower: boolean;
      readonly refusal: Refusal | null;
      readonly gone: boolean;
    }
  /** The target does not understand the statement. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "fatal" };

const again = (applied: "no" | "unknown", more: { refusal?: Refusal; gone?: boolean } = {}): Trouble => ({
  kind: "again",
  applied,
  slower: more.refusal !== undefined,
  refusal: more.refusal ?? null,
  gone: more.gone ?? false,
});

const duplicates = new Set([1022, 1062, 1169, 1586]);
/** Unknown or unparsable: JSON_TABLE on a server or gate that has none. */
const unsupported = new Set([1064, 1235, 1305, 1630, 3142, 3143]);
/** Lock wait timeout, deadlock: InnoDB has undone the statement. */
const undone = new Set([1205, 1213]);
/** Too many connections, of a user, over a resource limit; vtgate's RESOURCE_EXHAUSTED comes as 1203. */
const overloaded = new Set([1040, 1203, 1226]);
/** Over max_allowed_packet, or over vtgate's max_payload_size. gRPC's own limits come as RESOURCE_EXHAUSTED. */
const packetTooLarge = 1153;
/** Query interrupted or out of time; vtgate's DEADLINE_EXCEEDED and CANCELED come as 1317. */
const outOfTime = new Set([1317, 1969, 3024]);
/** Read only: a primary on its way out. Bounded retries outlast a failover. */
const readOnly = new Set([1290, 1792, 1836]);
const lost = new Set([1053, 1158, 1159, 1160, 1161, 2006, 2013, 2055, 4031]);

/**
 * Sorts a failure by the server's number and, for vtgate's own troubles, most of which come as 1105, by the gRPC code in
 * the text. When in doubt a statement may have been applied: asking costs one read.
 */
export function troubleOf(error: unknown): Trouble {
  const { code, message, context, retryable } = asVtpipeError(error);
  const errno = Number(context["errno"] ?? 0);
  if (code === "interrupted" || code === "internal") return { kind: "fatal" };
  if (code === "unreachable") return retryable ? again("no", { gone: true }) : { kind: "fatal" };
  if (duplicates.has(errno)) return { kind: "duplicate" };
  if (context["fault"] === SILENCE) return again("unknown", { refusal: "time", gone: true });
  if (/ was lost: /.test(message) || lost.has(errno)) return again("unknown", { gone: true });
  if (undone.has(errno)) return again("no");
  if (errno === packetTooLarge || /message larger than max/.test(message)) return again("no", { refusal: "payload" });
  if (/Transaction throttled/.test(message)) return again("no", { refusal: "throttled" });
  if (overloaded.has(errno) || /ResourceExhausted|RESOURCE_EXHAUSTED/.test(message)) {
    return again("no", { refusal: "places" });
  }
  if (outOfTime.has(errno) || /DeadlineExceeded|DEADLINE_EXCEEDED|code = Canceled/.test(message)) {
    return again("unknown", { refusal: "time" });
  }
  if (readOnly.has(errno)) return again("no");
  if (/enforce denied tables/.test(message)) return { kind: "fatal" };
  // 1815: vtgate's own retries came to an end.
  if (errno === 1815) return again("unknown");
  if (errno === 1105 || errno === 0) {
    if (
      /no healthy tablet|operation not allowed in state|not serving|NOT_SERVING|no primary|down or nonexistent|buffer(ing)?\b/i.test(
        message,
      )
    )
      return again("no");
    // VT15001: vtgate has lost the transaction and wants a ROLLBACK.
    if (
      /VT15001|Unavailable|UNAVAILABLE|ClusterEvent|CLUSTER_EVENT|Aborted|ABORTED|\bEOF\b|transport|reparent/.test(
        message,
      )
    ) {
      return again("unknown");
    }
  }
  if (unsupported.has(errno)) return { kind: "unsupported" };
  return { kind: "fatal" };
}
