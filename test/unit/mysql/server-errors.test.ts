import { describe, expect, test } from "vitest";
import {
  connectError,
  isRetryable,
  type ServerFault,
  statementError,
  withoutRowData,
} from "../../../src/mysql/server-errors.ts";
import { parseServerUrl } from "../../../src/mysql/server-url.ts";

const address = parseServerUrl("mysql://reader:hush@db.example/shop");
const gate = parseServerUrl("vtgate://loader@gate.example/main");

describe("statement errors", () => {
  test("a refused write was not carried out, a lost one may have been", () => {
    const refused = statementError(gate, "target", false, {
      message: "Duplicate entry '1'",
      errno: 1062,
      sqlState: "23000",
    });
    expect(refused).toMatchObject({
      code: "target",
      retryable: false,
      now: "The statement was not carried out.",
      context: { host: "gate.example", port: 15_306, errno: 1062, sqlState: "23000" },
    });
    expect(refused.message).toBe("vtgate at gate.example:15306 refused a statement (error 1062): Duplicate entry '1'");
    const lost = statementError(gate, "target", false, { message: "closed", code: "PROTOCOL_CONNECTION_LOST" });
    expect(lost).toMatchObject({ retryable: true, now: "It is not known whether the statement took effect." });
    expect(statementError(address, "source", true, { message: "", code: "ECONNRESET", errno: -104 })).toMatchObject({
      code: "source",
      retryable: true,
      context: { fault: "ECONNRESET" },
    });
  });

  test("what OpenSSL says is one line, without the places in its source", () => {
    const message =
      "C0865F087E7F0000:error:0A000119:SSL routines:ssl3_get_record:decryption failed or bad record mac:../deps/openssl/openssl/ssl/record/ssl3_record.c:616:\n";
    const lost = statementError(address, "source", true, { message, fatal: true });
    expect(lost.message).toBe(
      "The connection to MySQL at db.example:3306 was lost: SSL routines: decryption failed or bad record mac",
    );
    const refused = connectError(address, { message, code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC" });
    expect(refused.message).toBe(
      "No encrypted (TLS) connection to MySQL at db.example:3306: SSL routines: decryption failed or bad record mac",
    );
  });

  test("a missing privilege is an access error", () => {
    expect(statementError(address, "source", true, { message: "denied", errno: 1142 })).toMatchObject({
      code: "access",
    });
  });

  test.each([
    [{ message: "Lock wait timeout exceeded", errno: 1205 }, true],
    [{ message: "Deadlock found", errno: 1213 }, true],
    [{ message: "target: main.-80.primary: vttablet: rpc error: code = UNAVAILABLE desc = x", errno: 1105 }, true],
    [{ message: "transaction pool connection limit exceeded: RESOURCE_EXHAUSTED", errno: 1105 }, true],
    [{ message: "syntax error", errno: 1105 }, false],
    [{ message: "Duplicate entry", errno: 1062 }, false],
    [{ message: "closed state", fatal: true }, true],
    [{ message: "Unknown database", errno: 1049, fatal: true }, false],
  ])("%o may be tried again: %s", (fault, expected) => {
    expect(isRetryable(fault)).toBe(expected);
  });
});

describe("connect errors", () => {
  test.each([
    [{ message: "connect ECONNREFUSED", code: "ECONNREFUSED", errno: -111 }, "unreachable", true],
    [{ message: "Access denied", errno: 1045, code: "ER_ACCESS_DENIED_ERROR" }, "access", false],
    [{ message: "Unknown database", errno: 1049 }, "access", false],
    [{ message: "Too many connections", errno: 1040 }, "unreachable", true],
    [{ message: "self-signed certificate", code: "HANDSHAKE_SSL_ERROR" }, "access", false],
    [tlsFault("ECONNRESET", "the other side has gone"), "unreachable", true],
  ])("%o is %s", (fault, code, retryable) => {
    const error = connectError(address, fault);
    expect(error).toMatchObject({ code, retryable });
    expect(`${error.message}${error.todo}${JSON.stringify(error)}`).not.toContain("hush");
  });
});

describe("TLS errors name what is wrong and what to do", () => {
  const checked = parseServerUrl("mysql://reader@db.example/shop?tls=verify-identity&ca=/etc/ca.pem");
  const certified = parseServerUrl("vtgate://loader@gate.example/main?cert=/etc/me.pem&key=/etc/me.key");

  test.each([
    [address, { code: "HANDSHAKE_NO_SSL_SUPPORT", message: "no" }, /offers no TLS, and tls=preferred/, /ssl_cert/],
    [checked, tlsFault("ERR_TLS_CERT_ALTNAME_INVALID", "not in"), /is for another host: not in/, /"db\.example"/],
    [checked, tlsFault("SELF_SIGNED_CERT_IN_CHAIN", "x"), /no authority in \/etc\/ca\.pem/, /ca=FILE/],
    [address, tlsFault("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "x"), /server URL names none/, /ca\.pem in its data/],
    [checked, tlsFault("CERT_HAS_EXPIRED", "certificate has expired"), /not valid today/, /clock/],
    [gate, tlsFault("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "x"), /without a client certificate/, /cert=FILE/],
    [certified, tlsFault("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "x"), /certificate in \/etc\/me\.pem/, /the server trusts/],
    [checked, tlsFault("ERR_SSL_UNSUPPORTED_PROTOCOL", "old"), /No encrypted \(TLS\) connection.*old/, /1\.2 and 1\.3/],
    [address, { errno: 3159, message: "prohibited" }, /lets nobody in without TLS/, /tls=verify-identity/],
    [gate, { errno: 2012, message: "client must use SSL/TLS" }, /lets nobody in without TLS/, /tls=required/],
    [address, { errno: 1045, message: "denied" }, /refused the login/, /REQUIRE SSL/],
    [checked, { errno: 1045, message: "denied" }, /refused the login/, /REQUIRE X509/],
    [certified, { errno: 1045, message: "denied" }, /refused the login/, /REQUIRE SUBJECT/],
  ])("%#", (to, fault, message, todo) => {
    const error = connectError(to, fault);
    expect(error).toMatchObject({ code: "access", retryable: false });
    expect(error.message).toMatch(message);
    expect(error.todo).toMatch(todo);
  });
});

/** As mysql2 gives what happened while TLS was begun. */
function tlsFault(code: string, message: string): ServerFault {
  return { code: "HANDSHAKE_SSL_ERROR", message, fatal: true, cause: Object.assign(new Error(message), { code }) };
}

test("messages about writes lose what may be row data", () => {
  expect(withoutRowData("Incorrect integer value: 'my secret' for column 'n' at row 3")).toBe(
    "Incorrect integer value: '…' for column 'n' at row 3",
  );
  expect(
    withoutRowData("Data too long (errno 1406) (sqlstate 22001) during query: insert into t values ('my secret')"),
  ).toBe("Data too long (errno 1406) (sqlstate 22001)");
  expect(withoutRowData('refused: Sql: "insert into t", BindVars: {a: "my secret"}')).not.toContain("secret");
  expect(withoutRowData("You have an error near 'my secret' at line 1")).toBe("You have an error near '…' at line 1");
});
