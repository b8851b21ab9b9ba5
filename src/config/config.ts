import { VtpipeError } from "../contracts/errors.ts";
import type { Limits } from "../contracts/limits.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";

/** What vtpipe was told to do: file, environment and command line merged, checked and frozen. Plain data, so it crosses threads. */
export interface Config {
  /** The config file, absolute; null when everything came from the command line. */
  readonly file: string | null;
  /** The folder relative paths of the config start from: the file's, else the working directory. */
  readonly baseDirectory: string;
  /** null when the config names none; {@link requireSource} refuses that where one is needed. */
  readonly source: SourceConfig | null;
  readonly target: TargetConfig | null;
  /** The run directory, absolute. */
  readonly directory: string;
  readonly workers: number;
  /** Row bytes read into one chunk file before compression. */
  readonly chunkBytes: number;
  /** Do the chunk files stay after they were loaded? */
  readonly keepFiles: boolean;
  /** Does `run` verify after loading? */
  readonly verify: boolean;
  /** How long transforms may be at work on one row. */
  readonly transformTimeoutSeconds: number;
  /** How long a stage may stand still while it has work, before the run is ended. */
  readonly stallSeconds: number;
  readonly tables: TablesConfig;
  readonly schema: SchemaConfig;
  readonly load: LoadConfig;
  readonly limits: Limits;
  readonly policy: PolicyConfig;
  /** Patterns of column names, for `sensitiveMatcher`. */
  readonly sensitive: readonly string[];
  /** null: the run directory is not encrypted. */
  readonly encryption: EncryptionConfig | null;
  /** null: the config says nothing of a handoff; {@link requireHandoff} refuses that where one is needed. */
  readonly handoff: HandoffConfig | null;
  /**
   * Values of environment variables among the parameters of users' modules and in the SQL of `sql` steps: secrets, as far as
   * anybody can tell.
   */
  readonly moduleSecrets: readonly string[];
  /** Full sentences about things that work but should not stay so. */
  readonly warnings: readonly string[];
}

export interface SourceConfig {
  /** Without any password: it is moved to `password`. Files in it are absolute. */
  readonly url: string;
  readonly password: string | null;
  /** Absolute; where the password was read from. */
  readonly passwordFile: string | null;
  /** How long the snapshot may wait for, and hold, its lock. */
  readonly lockTimeoutSeconds: number;
  /** How long an answer may be without a byte before it is asked whether anybody is at work on it. */
  readonly silenceSeconds: number;
}

export interface TargetConfig {
  /** Without any password: it is moved to `password`. Files in it are absolute. */
  readonly url: string;
  readonly password: string | null;
  /** Absolute; where the password was read from. */
  readonly passwordFile: string | null;
  /** vtctld's gRPC address, `host:port`; only the handoff needs it. */
  readonly vtctld: string | null;
  /** How long an answer may be without a byte before it counts as lost, or before a shard is asked about it. */
  readonly silenceSeconds: number;
}

export interface TablesConfig {
  /** Names or globs (`*` any text, `?` one character). */
  readonly include: readonly string[];
  /** Wins over `include`. */
  readonly exclude: readonly string[];
  /** By source table name. Use {@link ruleOf}: a table may be called `constructor`. */
  readonly rules: Readonly<Record<string, TableRule>>;
}

export interface TableRule {
  /** Target table name; null: the source's. */
  readonly as: string | null;
  /** SQL condition the source evaluates per row; rows for which it is not true do not move. */
  readonly where: string | null;
  readonly transforms: readonly ConfiguredStep[];
}

export interface SchemaConfig {
  readonly autoIncrement: "keep" | "remove";
  readonly foreignKeys: "keep" | "drop";
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface LoadConfig {
  /** `auto`: a short probe chooses. */
  readonly strategy: "auto" | "values" | "json-table";
  /** Most sessions to each shard that send rows, over all workers; null: ten. */
  readonly sessions: number | null;
  /** Are secondary keys built after the rows? `auto`: of large tables. */
  readonly deferSecondaryKeys: "auto" | "always" | "never";
  /** Between what rows and row bytes of a statement move; `min` is not above `max`. */
  readonly statementRows: Bounds;
  readonly statementBytes: Bounds;
}

export interface PolicyConfig {
  /** `all`: every carried column of every moved table needs a decision. */
  readonly require: "none" | "all";
}

export interface EncryptionConfig {
  /** As it was written, in the config or its file; it fits `encryptionKeyPattern`. */
  readonly key: string;
}

/** How VReplication takes over; see `handoff-schema.ts` for what each means. */
export interface HandoffConfig {
  readonly sourceKeyspace: string;
  readonly workflow: string;
  /** Empty: each tablet's own. */
  readonly cells: readonly string[];
  readonly tabletTypes: readonly ("primary" | "replica" | "rdonly")[];
  /** Names or globs, for `followedTables`. */
  readonly follow: readonly string[];
  readonly maxLagSeconds: number;
  readonly switchTimeoutSeconds: number;
  readonly login: { readonly user: string; readonly password: string; readonly passwordFile: string | null } | null;
  /** Files are absolute. null: no TLS. */
  readonly tls: HandoffTls | null;
}

export interface HandoffTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly serverName: string | null;
}

/**
 * What the command line may set on top of the file. Absent or undefined: not given. Paths, those in URLs too, start from the working
 * directory.
 */
export interface ConfigOverrides {
  readonly sourceUrl?: string | undefined;
  readonly targetUrl?: string | undefined;
  readonly vtctld?: string | undefined;
  readonly directory?: string | undefined;
  readonly workers?: number | undefined;
  readonly chunkBytes?: number | string | undefined;
  readonly keepFiles?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly strategy?: string | undefined;
  readonly lockTimeoutSeconds?: number | undefined;
  readonly maxRate?: string | undefined;
}

const plainRule: TableRule = Object.freeze({ as: null, where: null, transforms: Object.freeze([]) });

/** The rule of a source table; an empty one when the config has none for it. */
export function ruleOf(tables: TablesConfig, table: string): TableRule {
  return (Object.hasOwn(tables.rules, table) ? tables.rules[table] : undefined) ?? plainRule;
}

export function requireSource(config: Config): SourceConfig {
  return config.source ?? missing("source", "mysql://reader@127.0.0.1:3306/commerce");
}

export function requireTarget(config: Config): TargetConfig {
  return config.target ?? missing("target", "vtgate://loader@127.0.0.1:15306/main");
}

/** The handoff section and the vtctld it needs. */
export function requireHandoff(config: Config): { readonly handoff: HandoffConfig; readonly vtctld: string } {
  const vtctld = requireTarget(config).vtctld;
  if (config.handoff !== null && vtctld !== null) return { handoff: config.handoff, vtctld };
  throw new VtpipeError({
    code: "config",
    message: config.handoff === null ? "The config has no handoff section." : "target.vtctld is not set.",
    now: "Nothing was read or changed.",
    todo:
      config.handoff === null
        ? "Add one with at least sourceKeyspace, the keyspace under which Vitess serves the source."
        : "Set target.vtctld to vtctld's gRPC address, host:port.",
  });
}

function missing(side: "source" | "target", example: string): never {
  throw new VtpipeError({
    code: "config",
    message: `No ${side} is configured.`,
    now: "Nothing was read or changed.",
    todo: `Set ${side}.url in the config file or give --${side}, for example ${example}`,
  });
}
