import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { vtctldError, vtctldInterrupted } from "../../../../src/vitess/vtctld/errors.ts";

const fault = (code: status, details: string) => ({ code, details });
const address = "127.0.0.1:15999";

test("a failure names the call, the server and the code, and says what is known of the outcome", () => {
  const error = vtctldError("GetShard", address, fault(status.NOT_FOUND, "no such shard"));
  expect(error.message).toBe("vtctld at 127.0.0.1:15999 failed GetShard (NOT_FOUND): no such shard");
  expect(error.now).toMatch(/nothing was changed/);
  expect(error.context).toEqual({ grpcCode: "NOT_FOUND", method: "GetShard", address });
});

test.each([
  [
    status.UNAVAILABLE,
    "No connection established. Last error: connect ECONNREFUSED",
    "unreachable",
    true,
    /not carried/,
  ],
  [status.UNAVAILABLE, "Connection dropped", "unreachable", true, /not known/],
  [
    status.UNAVAILABLE,
    "No connection established. Last error: self-signed certificate",
    "access",
    false,
    /not carried/,
  ],
  [status.UNAUTHENTICATED, "username and password must be provided", "access", false, /not carried/],
  [status.PERMISSION_DENIED, "auth failure", "access", false, /not carried/],
  [status.UNIMPLEMENTED, "unknown service vtctlservice.Vtctld", "preflight", false, /not carried/],
  [status.DEADLINE_EXCEEDED, "Deadline exceeded", "unreachable", true, /not known/],
  [status.UNKNOWN, "rpc error", "target", false, /not known/],
  [status.FAILED_PRECONDITION, "cannot start", "target", false, /not known/],
  [status.ALREADY_EXISTS, "node exists", "target", false, /not carried/],
  [status.RESOURCE_EXHAUSTED, "too large", "target", true, /not known/],
])("code %i (%s) is %s", (code, details, kind, retryable, now) => {
  const error = vtctldError("WorkflowDelete", address, fault(code, details));
  expect(error).toMatchObject({ code: kind, retryable, now: expect.stringMatching(now) });
  expect(error.todo).not.toBe("");
});

test("what the libraries say for themselves is left out", () => {
  const details =
    "No connection established. Last error: Error: 802C0D8DD27F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:\n. Resolution note: ";
  const { message } = vtctldError("GetKeyspaces", address, fault(status.UNAVAILABLE, details));
  expect(message).toMatch(
    /\(UNAVAILABLE\): No connection established\. Last error: Error: SSL routines: wrong version number$/,
  );
  expect(vtctldError("GetKeyspaces", address, fault(status.UNKNOWN, " ")).message).toMatch(/: it gave no reason$/);
});

test("neither rows nor statements are repeated, and no more than a screenful", () => {
  const text = "Duplicate entry during query: insert into t values ('private')";
  expect(vtctldError("ExecuteFetchAsDBA", address, fault(status.UNKNOWN, text)).message).not.toContain("private");
  const long = vtctldError("GetSchema", address, fault(status.UNKNOWN, "x".repeat(100_000)));
  expect(long.message.length).toBeLessThan(2200);
});

test("a call that the user stopped is interrupted, and what it did is open", () => {
  expect(vtctldInterrupted("WorkflowSwitchTraffic", address)).toMatchObject({
    code: "interrupted",
    now: expect.stringContaining("not known"),
  });
});
