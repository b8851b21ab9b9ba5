/** An answer of the router's own making: an error number, SQL state and text for the client. */
export class SqlError extends Error {
  override readonly name: string = "SqlError";
  readonly errno: number;
  readonly sqlState: string;

  constructor(errno: number, sqlState: string, message: string) {
    super(message);
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

/** What the stand-in cannot do exactly as Vitess would, by name (ER_NOT_SUPPORTED_YET, as Vitess's UNIMPLEMENTED maps to). */
export function refusal(what: string): SqlError {
  return new SqlError(
    1235,
    "42000",
    `vtpipe stand-in router: ${what} is not supported; use a shard-targeted session or real Vitess`,
  );
}

/**
 * A message past gRPC's limit, in the words and under the numbers the same statement fails with in Vitess 24: vtgate
 * cannot send the request, or vttablet the answer, whose words alone carry the prefix that vtgate knows overflows by.
 */
export function tooLarge(place: string, what: "request" | "answer", bytes: number, max: number): SqlError {
  const [errno, prefix] = what === "request" ? [1203, ""] : [1153, "grpc: "];
  const text = `code = ResourceExhausted desc = ${prefix}trying to send message larger than max (${bytes} vs. ${max})`;
  return new SqlError(errno, "42000", `target: ${place}: vtpipe stand-in router: rpc error: ${text}`);
}

/** A shard's mysqld went away while its answer was awaited (client errno 2013, as drivers name it). */
export function shardLost(shard: string, why: string): SqlError {
  return new SqlError(
    2013,
    "HY000",
    `vtpipe stand-in router: lost connection to the MySQL server of shard ${shard}: ${why}`,
  );
}
