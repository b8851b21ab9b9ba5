import { expect, test } from "vitest";
import type { VtpipeError } from "../../../src/contracts/errors.ts";
import { refusedError } from "../../../src/load/load-errors.ts";
import { troubleOf } from "../../../src/load/trouble.ts";
import { statementError } from "../../../src/mysql/server-errors.ts";
import { parseServerUrl } from "../../../src/mysql/server-url.ts";
import { batchOf } from "../../support/rows.ts";

const gate = parseServerUrl("vtgate://loader@127.0.0.1/main");

function answer(errno: number | undefined, message: string, code?: string): VtpipeError {
  return statementError(gate, "target", false, { message, errno, code, fatal: errno === undefined });
}

/** Texts as a Vitess 24 vtgate and MySQL 9.7 gave them. */
const answers: [string, VtpipeError, object][] = [
  ["duplicate key", answer(1062, "Duplicate entry '7' for key 't.PRIMARY'"), { kind: "duplicate" }],
  ["lock wait", answer(1205, "Lock wait timeout exceeded; try restarting transaction"), { applied: "no", gone: false }],
  ["deadlock", answer(1213, "Deadlock found when trying to get lock"), { applied: "no", gone: false }],
  [
    "tablet whose mysqld is gone",
    answer(
      1105,
      "target: main.-80.primary: vttablet: rpc error: code = Code(17) desc = operation not allowed in state SHUTTING_DOWN",
    ),
    { applied: "no", gone: false },
  ],
  [
    "silence",
    answer(undefined, "nothing has come from it for 120 s, though an answer is due", "SILENCE"),
    { applied: "unknown", refusal: "time", gone: true },
  ],
  [
    "transaction pool full",
    answer(
      1203,
      "target: main.-80.primary: vttablet: rpc error: code = ResourceExhausted desc = transaction pool connection limit exceeded",
    ),
    { applied: "no", slower: true, refusal: "places" },
  ],
  [
    "transaction throttler",
    answer(
      1203,
      "target: main.-80.primary: vttablet: rpc error: code = ResourceExhausted desc = Transaction throttled",
    ),
    { applied: "no", slower: true, refusal: "throttled" },
  ],
  [
    "over vtgate's max_payload_size",
    answer(1153, "query payload size above threshold"),
    { applied: "no", slower: true, refusal: "payload" },
  ],
  [
    "over gRPC's limit",
    answer(
      1203,
      "target: main.-80.primary: vttablet: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (17000133 vs. 16777216)",
    ),
    { applied: "no", slower: true, refusal: "payload" },
  ],
  [
    "query timeout",
    answer(
      1317,
      "target: main.-80.primary: vttablet: rpc error: code = DeadlineExceeded desc = stream terminated by RST_STREAM with error code: CANCEL",
    ),
    { applied: "unknown", slower: true, refusal: "time" },
  ],
  [
    "tablet gone",
    answer(
      1105,
      'target: main.-80.primary: vttablet: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:21031: connect: connection refused"',
    ),
    { applied: "unknown", gone: false },
  ],
  [
    "no tablet",
    answer(1105, "target: main.-80.primary: no healthy tablet available for 'keyspace:\"main\"'"),
    { applied: "no" },
  ],
  [
    "mysqld connection lost behind the tablet",
    answer(
      2013,
      "target: main.-80.primary: vttablet: rpc error: code = Canceled desc = EOF (errno 2013) (sqlstate HY000)",
    ),
    { applied: "unknown" },
  ],
  [
    "transaction lost with its tablet",
    answer(
      1105,
      'VT15001: transaction error, issue ROLLBACK and retry the transaction: target: main.-80.primary: tablet: cell:"zone1" uid:100 is either down or nonexistent',
    ),
    { kind: "again", gone: false },
  ],
  ["connection to vtgate lost", answer(undefined, "read ECONNRESET", "ECONNRESET"), { applied: "unknown", gone: true }],
  [
    "primary on its way out",
    answer(1290, "The MySQL server is running with the --super-read-only option so it cannot execute this statement"),
    { applied: "no" },
  ],
  ["too long", answer(1406, "Data too long for column 'v' at row 1"), { kind: "fatal" }],
  ["no JSON_TABLE", answer(1064, "You have an error in your SQL syntax"), { kind: "unsupported" }],
];

test.each(answers)("%s", (_, error, trouble) => {
  expect(troubleOf(error)).toMatchObject(trouble);
});

test("a denied table is no matter for retries, and the statement vtgate repeats is not shown", () => {
  const error = answer(
    1815,
    "query insert into t values ('secret row') failed after retries: Code: FAILED_PRECONDITION\nvttablet: rpc error: code = FailedPrecondition desc = disallowed due to rule: enforce denied tables (CallerID: userData1)",
  );
  expect(troubleOf(error)).toEqual({ kind: "fatal" });
  const place = { table: { name: "t", columns: [], key: null }, keys: null, chunk: "1-1" };
  const refused = refusedError(place, batchOf([]), error);
  expect(refused.message).not.toContain("secret row");
  expect(refused.todo).toContain("SetShardTabletControl --denied-tables t --remove");
});

test("a bug of ours is not tried again", () => {
  expect(troubleOf(new TypeError("x is undefined"))).toEqual({ kind: "fatal" });
});
