import type { FaultKind, PlannedFault } from "../support/fault-proxy.ts";

/** A run in which one connection fails once. */
export interface FaultCase {
  readonly side: "source" | "target";
  readonly when: string;
  readonly fault: PlannedFault;
  /** Statements are prepared; otherwise they are so small that all come as text. */
  readonly prepares: boolean;
}

interface Moment extends Omit<PlannedFault, "fault"> {
  /**
   * Is the packet a row? Of a byte in it that becomes another one nothing on a plain connection can tell: that is what TLS is for.
   */
  readonly isRow?: boolean;
  readonly prepares?: boolean;
}

/** Exchanges of a run with the source, and which packet of the answer is struck. */
const atSource: Readonly<Record<string, Moment>> = {
  "at login": { at: "login" },
  "at a worker's login, after the password": { at: "login", nth: 4, packet: 1 },
  "at the first statement": { at: /^SET NAMES/ },
  "in the middle of the columns": { at: /^SELECT TABLE_NAME AS t, COLUMN_NAME/, packet: 14, isRow: true },
  "at SHOW CREATE TABLE": { at: /^SHOW CREATE TABLE/, packet: 3 },
  "at the lock": { at: /^FLUSH TABLES/ },
  "at the position, under the lock": { at: /^SELECT @@GLOBAL\.gtid_executed AS executed/, nth: 2 },
  "at UNLOCK TABLES": { at: /^UNLOCK TABLES/ },
  "at a worker's transaction": { at: /^START TRANSACTION WITH CONSISTENT/ },
  "in the middle of rows with a key": { at: /^SELECT .*`v`.* FROM .*fa_keyed` FORCE INDEX/s, packet: 60, isRow: true },
  "in the middle of rows without a key": { at: /^SELECT .*FROM .*fa_keyless`/s, packet: 300, isRow: true },
};

/** The same with the target. */
const atTarget: Readonly<Record<string, Moment>> = {
  "at login": { at: "login" },
  "at a loader's login, after the password": { at: "login", nth: 8, packet: 1 },
  "at the first statement": { at: /^SET NAMES/ },
  "at SHOW VITESS_SHARDS": { at: /^SHOW VITESS_SHARDS/, packet: 2 },
  "at the vschema": { at: /^SHOW VSCHEMA/ },
  "at the table's definition": { at: /information_schema|^SHOW CREATE TABLE/ },
  "at the settings of a loader": { at: /^SET sql_mode/ },
  "at PREPARE": { at: /^INSERT INTO `fa_keyed` (?!.*(VALUES|WHERE 1 = 0))/s, prepares: true },
  "at a prepared INSERT with a key": { at: /^EXECUTE INSERT INTO `fa_keyed`/, prepares: true },
  "at a prepared INSERT without a key": { at: /^EXECUTE INSERT INTO `fa_keyless`/, prepares: true },
  "at INSERT with a key": { at: /^INSERT INTO `fa_keyed` [^;]*VALUES/ },
  "at INSERT with a unique key only": { at: /^INSERT INTO `fa_unique` [^;]*VALUES/ },
  "at INSERT without a key": { at: /^INSERT INTO `fa_keyless` [^;]*VALUES/ },
  "at the ledger's line": { at: /^INSERT INTO _vtpipe_ledger/ },
  "at COMMIT of rows and the ledger's line": { at: /^COMMIT/ },
  "at a checksum": { at: /BIT_XOR/, packet: 4 },
};

/** TLS records of a connection to the source: of its handshake, of its first statements, and of rows. */
const atTls: Readonly<Record<string, Moment>> = {
  "in the TLS handshake": { at: "tls" },
  "at the last record of the TLS handshake": { at: "tls", packet: 3 },
  "in the metadata over TLS": { at: "tls", packet: 25 },
  "in the rows over TLS": { at: "tls", nth: 4, packet: 14 },
};

/** Bytes of a packet's length and number. */
const HEADER = 4;

const kinds: readonly { readonly fault: FaultKind; readonly byte?: number }[] = [
  { fault: "cut-before" },
  { fault: "cut-after" },
  { fault: "rst" },
  { fault: "silence" },
  { fault: "drip" },
  { fault: "tear" },
  { fault: "corrupt", byte: 0 },
  { fault: "corrupt", byte: 4 },
  { fault: "truncate" },
  { fault: "sequence" },
];
const tlsKinds: typeof kinds = [
  { fault: "cut-after" },
  { fault: "rst" },
  { fault: "silence" },
  { fault: "drip" },
  { fault: "tear" },
  { fault: "corrupt", byte: 9 },
  { fault: "truncate" },
];

function product(
  side: FaultCase["side"],
  moments: Readonly<Record<string, Moment>>,
  faults: typeof kinds,
): FaultCase[] {
  return Object.entries(moments).flatMap(([when, { isRow = false, prepares = false, ...moment }]) =>
    faults
      .filter(({ fault, byte = 0 }) => !(isRow && fault === "corrupt" && byte >= HEADER))
      .map((fault) => ({ side, when, prepares, fault: { ...moment, ...fault } })),
  );
}

export const faultCases: readonly FaultCase[] = [
  ...product("source", atSource, kinds),
  ...product("target", atTarget, kinds),
];
export const tlsCases: readonly FaultCase[] = product("source", atTls, tlsKinds);

/** Cases that found something; the names that `nameOf` gives them. */
const onceFailed: ReadonlySet<string> = new Set([
  "source: corrupt byte 4 at a worker's login, after the password",
  "source: corrupt byte 9 in the rows over TLS",
]);

/**
 * One case in so many, and those that once failed. By steps that share no divisor with the number of faults every fault and every moment
 * is among them.
 */
export function oneIn(cases: readonly FaultCase[], step: number): readonly FaultCase[] {
  return cases.filter((one, index) => index % step === 0 || onceFailed.has(nameOf(one)));
}

export function nameOf({ side, when, fault }: FaultCase): string {
  const byte = fault.byte === undefined ? "" : ` byte ${fault.byte}`;
  return `${side}: ${fault.fault}${byte} ${when}`;
}
