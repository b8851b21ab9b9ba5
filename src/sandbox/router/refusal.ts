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

/** A message past gRPC's limit, in the words the same statement fails with in Vitess. */
export function tooLarge(where: string, verb: "trying to send" | "received", bytes: number, max: number): SqlError {
  const text = `rpc error: code = ResourceExhausted desc = grpc: ${verb} message larger than max (${bytes} vs. ${max})`;
  return new SqlError(1153, "42000", `target: ${where}: vtpipe stand-in router: ${text}`);
}

/** A shard's mysqld went away while its answer was awaited (client errno 2013, as drivers name it). */
export function shardLost(shard: string, why: string): SqlError {
  return new SqlError(
    2013,
    "HY000",
    `vtpipe stand-in router: lost connection to the MySQL server of shard ${shard}: ${why}`,
  );
}
