import { type ErrorCode, VtpipeError } from "../contracts/errors.ts";
import type { ServerAddress } from "./server-url.ts";
import { tlsProblem, withoutOpenSslPlaces } from "./tls-errors.ts";

/** An error as the server or the socket gave it; mysql2's errors have this shape. */
export interface ServerFault {
  readonly message: string;
  /** mysql2's name for the errno, or Node's code of a socket error. */
  readonly code?: string | undefined;
  readonly errno?: number | undefined;
  readonly sqlState?: string | undefined;
  /** mysql2: the connection cannot be used any more. */
  readonly fatal?: boolean | undefined;
  /** Of a failure while TLS was begun: what it was before mysql2 gave it a code of its own. */
  readonly cause?: unknown;
}

export type Side = "source" | "target";

const accessErrnos = new Set([
  1044, 1045, 1130, 1131, 1142, 1143, 1227, 1251, 1370, 1396, 1410, 1698, 1862, 3118, 3159,
]);
/** Lock wait, deadlock, connection and shutdown errors: the statement may pass when tried again. */
const retryableErrnos = new Set([
  1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1226, 2002, 2003, 2006, 2013, 2055,
  3024, 3168, 4031,
]);
const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ENOENT",
  "EACCES",
  "ECONNRESET",
  "EPIPE",
  "PROTOCOL_CONNECTION_LOST",
]);
/** Code of the fault of a connection over which an answer that was due did not come. */
export const SILENCE = "SILENCE";
const lostCodes = new Set([
  SILENCE,
  "PROTOCOL_CONNECTION_LOST",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
const accessDenied = 1045;
/** "Connections using insecure transport are prohibited"; vtgate has words of its own for it. */
const insecureTransport = 3159;

/** Was the connection lost, so that the fate of what was running is unknown? */
export function isConnectionLost(fault: ServerFault): boolean {
  const withoutServer = fault.fatal === true && fault.errno === undefined;
  return withoutServer || lostCodes.has(fault.code ?? "") || fault.errno === 2006 || fault.errno === 2013;
}

/**
 * May the same statement pass when tried again? vtgate reports most of its own troubles as 1105 with a gRPC code in the
 * text.
 */
export function isRetryable(fault: ServerFault): boolean {
  if (isConnectionLost(fault) || retryableErrnos.has(fault.errno ?? 0)) return true;
  return (
    fault.errno === 1105 &&
    /\b(RESOURCE_EXHAUSTED|UNAVAILABLE|ABORTED|CLUSTER_EVENT)\b|Code: (UNAVAILABLE|ABORTED)/.test(fault.message)
  );
}

/** A message about a write without what may hold row data: vtgate repeats the statement, MySQL the refused value. */
export function withoutRowData(message: string): string {
  return message
    .replace(/ during query: [\s\S]*$/, "")
    .replace(/;? ?(Sql: "|BindVars: \{|: Sql: )[\s\S]*$/, "")
    .replace(
      /((?:Incorrect|Truncated incorrect|Invalid) [\w ]*value: ')[\s\S]*('(?: for (?:column|function) [\s\S]*| \(errno [\s\S]*)?)$/,
      "$1…$2",
    )
    .replace(/(near ')[\s\S]*(' at line \d+)/, "$1…$2");
}

/** In one line; the code where there are no words. */
function wordsOf({ message, code }: ServerFault): string {
  return withoutOpenSslPlaces(message).trim() || (code ?? "");
}

function place(address: ServerAddress): string {
  const name = address.scheme === "vtgate" ? "vtgate" : "MySQL";
  return `${name} at ${address.socketPath ?? `${address.host}:${address.port}`}`;
}

function facts(address: ServerAddress, fault: ServerFault): Record<string, string | number> {
  return {
    host: address.socketPath ?? address.host,
    port: address.port,
    ...(fault.errno !== undefined && fault.errno > 0 ? { errno: fault.errno } : {}),
    ...(fault.sqlState ? { sqlState: fault.sqlState } : {}),
    ...(fault.code ? { fault: fault.code } : {}),
  };
}

/** What an account may lack besides the right password, which the server does not tell. */
function loginAdvice({ tls }: ServerAddress): string {
  if (tls.mode === "disabled" || tls.mode === "preferred") {
    return " If the account has to use TLS (REQUIRE SSL), set tls=required or tls=verify-identity in the server URL.";
  }
  return tls.cert === null
    ? " If it has to show a certificate (REQUIRE X509), give cert=FILE and key=FILE in the server URL."
    : " If it is bound to a certificate (REQUIRE SUBJECT or ISSUER), check that cert=FILE is that one.";
}

/** Why no session could be opened. */
export function connectError(address: ServerAddress, given: ServerFault): VtpipeError {
  const { code = given.code } = (given.cause ?? {}) as { code?: string };
  const fault = { ...given, message: wordsOf({ message: given.message, code }), code };
  const base = { now: "Nothing was read or changed there.", context: facts(address, fault), cause: given };
  const network = unreachableCodes.has(code ?? "");
  const problem = network ? null : tlsProblem(place(address), address, code ?? "", fault.message);
  if (problem !== null) return new VtpipeError({ ...base, code: "access", ...problem });
  if (fault.errno === insecureTransport || /must use SSL\/TLS/i.test(fault.message)) {
    return new VtpipeError({
      ...base,
      code: "access",
      message: `${place(address)} lets nobody in without TLS, and tls=${address.tls.mode}: ${fault.message}`,
      todo: "Set tls=required or, better, tls=verify-identity with ca=FILE in the server URL.",
    });
  }
  const unknownDatabase = fault.errno === 1049;
  if (unknownDatabase || accessErrnos.has(fault.errno ?? 0)) {
    return new VtpipeError({
      ...base,
      code: "access",
      message: `${place(address)} refused the login of "${address.user}": ${fault.message}`,
      todo: `Check user, password and database in the config, and that the user may connect from this host.${fault.errno === accessDenied ? loginAdvice(address) : ""}`,
    });
  }
  return new VtpipeError({
    ...base,
    code: "unreachable",
    message: `${place(address)} cannot be reached: ${fault.message}`,
    todo: network
      ? "Check host and port, that the server runs, and that no firewall is in between."
      : "See what the server says about it in its log.",
    retryable: network || isRetryable(fault),
  });
}

/** Why a statement failed. A read changes nothing; after a lost connection a write's fate is unknown. */
export function statementError(address: ServerAddress, side: Side, reading: boolean, fault: ServerFault): VtpipeError {
  const lost = isConnectionLost(fault);
  const code: ErrorCode = accessErrnos.has(fault.errno ?? 0) ? "access" : side;
  const number = fault.errno !== undefined && fault.errno > 0 ? ` (error ${fault.errno})` : "";
  const ofRead = lost ? "Nothing was changed; the result is incomplete and was not used." : "Nothing was changed.";
  const ofWrite = lost ? "It is not known whether the statement took effect." : "The statement was not carried out.";
  return new VtpipeError({
    code,
    message: lost
      ? `The connection to ${place(address)} was lost: ${wordsOf(fault)}`
      : `${place(address)} refused a statement${number}: ${reading ? fault.message : withoutRowData(fault.message)}`,
    now: reading ? ofRead : ofWrite,
    todo: lost
      ? "Run the same command again when the server is back."
      : code === "access"
        ? `Grant the privilege to "${address.user}" and run the same command again.`
        : "Correct what the server names and run the same command again.",
    retryable: isRetryable(fault),
    context: facts(address, fault),
    cause: fault,
  });
}
