import type { Keyspace } from "../keyspace.ts";
import { refusal, SqlError } from "../refusal.ts";
import { statementName } from "../sql/head.ts";
import { decodeString } from "../sql/literals.ts";
import { stripKeyspace } from "../sql/qualifier.ts";
import { isOperator, isWord, nameOf, type Token, utf8 } from "../sql/tokens.ts";
import { versionComment } from "../sql/vitess-functions.ts";
import { type LocalRows, localRows, type Plan } from "./plan.ts";
import { firstShard } from "./sharding.ts";

/** When the router began to serve: its shards' primaries have been so since. */
export interface ShowFacts {
  readonly target: string;
  readonly keyspaceSelected: boolean;
  readonly startedAt: Date;
}

/** vtgate shows its own warnings, never the shards' (planbuilder/show.go, buildWarnings). */
export const noWarnings: LocalRows = localRows(["Level", "Code", "Message"], []);

/** Of replicas' tablets; there are none here. */
const replicationColumns = [
  ...["Keyspace", "Shard", "TabletType", "Alias", "Hostname"],
  ...["ReplicationSource", "ReplicationHealth", "ReplicationLag", "ThrottlerStatus"],
];

/** SHOW statements that vtgate answers itself; null for all others. */
function planVitessShow(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan | null {
  const what = tokens[1];
  if (isWord(what, "WARNINGS")) return noWarnings;
  if (isWord(what, "VITESS_SHARDS")) {
    const names = keyspace.shards.map((shard) => `${keyspace.name}/${shard.config.name}`);
    return localRows(
      ["Shards"],
      names.filter(like(text, tokens.slice(2))).map((name) => [name]),
    );
  }
  if (isWord(what, "VITESS_TABLETS")) return tablets(text, tokens, keyspace, facts);
  if (isWord(what, "VITESS_REPLICATION_STATUS")) return localRows(replicationColumns, []);
  if (isWord(what, "VITESS_TARGET")) return localRows(["Target"], [[facts.target]]);
  if (isWord(what, "DATABASES", "SCHEMAS", "KEYSPACES", "VITESS_KEYSPACES")) {
    const system = isWord(what, "DATABASES", "SCHEMAS")
      ? ["information_schema", "mysql", "sys", "performance_schema"]
      : [];
    const names = [keyspace.name, ...system].filter(like(text, tokens.slice(2)));
    return localRows(
      ["Database"],
      names.map((name) => [name]),
    );
  }
  return null;
}

function tablets(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan {
  const matches = like(text, tokens.slice(2));
  const since = `${facts.startedAt.toISOString().slice(0, 19)}Z`;
  const rows = keyspace.shards
    .filter((shard) => matches(shard.config.host))
    .map((shard, i) => {
      const alias = `stand-in-${String(100 + i * 100).padStart(10, "0")}`;
      return ["stand-in", keyspace.name, shard.config.name, "PRIMARY", "SERVING", alias, shard.config.host, since];
    });
  const columns = ["Cell", "Keyspace", "Shard", "TabletType", "State", "Alias", "Hostname", "PrimaryTermStartTime"];
  return localRows(columns, rows);
}

/** SHOW in an untargeted session. */
export function planShow(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan {
  const own = planVitessShow(text, tokens, keyspace, facts);
  if (own !== null) return own;
  if (isWord(tokens[1], "VSCHEMA")) return vschemaShow(text, tokens, keyspace, facts);
  const full = isWord(tokens[1], "FULL", "EXTENDED", "GLOBAL", "SESSION") ? 2 : 1;
  const what = tokens[full];
  const shard = firstShard(keyspace);
  if (isWord(what, "TABLES")) return tablesShow(text, tokens, full + 1, keyspace, shard);
  if (isWord(what, "VARIABLES") && tokens.some((token) => token.value.toLowerCase().includes("version_comment"))) {
    return {
      kind: "local",
      columns: ["Variable_name", "Value"],
      type: "varchar",
      rows: [["version_comment", versionComment]],
    };
  }
  const single = ["COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS", "CREATE"];
  const anywhere = ["VARIABLES", "STATUS", "COLLATION", "CHARSET", "CHARACTER", "ENGINES", "PLUGINS", "PRIVILEGES"];
  if (isWord(what, "CREATE") && !isWord(tokens[full + 1], "TABLE")) throw refusal(statementName(tokens));
  if (!isWord(what, ...single, ...anywhere)) throw refusal(statementName(tokens));
  return { kind: "shard", shard, sql: showSql(text, tokens, keyspace.name), writes: false, anyShard: true };
}

/** `FROM t FROM ks` and `CREATE TABLE ks.t` without the keyspace. */
function showSql(text: string, tokens: readonly Token[], keyspace: string): string {
  const from = tokens.findIndex(
    (token, i) => i > 3 && isWord(token, "FROM", "IN") && nameOf(text, tokens[i + 1] ?? token) === keyspace,
  );
  const last = tokens[from + 1];
  const start = tokens[from]?.start;
  if (from < 0 || last === undefined || start === undefined) return stripKeyspace(text, tokens, keyspace);
  return stripKeyspace(text.slice(0, start), tokens.slice(0, from), keyspace) + text.slice(last.end);
}

function tablesShow(text: string, tokens: readonly Token[], after: number, keyspace: Keyspace, shard: string): Plan {
  let rest = after;
  if (isWord(tokens[rest], "FROM", "IN")) {
    const name = nameOf(text, tokens[rest + 1] ?? (tokens[rest] as Token));
    if (name !== keyspace.name)
      throw new SqlError(1049, "42000", `VT05003: unknown database '${name ?? ""}' in vschema`);
    rest += 2;
  }
  const head = text.slice(0, tokens[after - 1]?.end);
  const tail = tokens[rest] === undefined ? "" : ` ${text.slice(tokens[rest]?.start)}`;
  return { kind: "renamed", shard, sql: head + tail, column: `Tables_in_${keyspace.name}` };
}

function vschemaShow(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan {
  const { vschema } = keyspace;
  const what = tokens[2];
  if (isWord(what, "KEYSPACES")) {
    return localRows(
      ["Keyspace", "Sharded", "Foreign Key", "Comment"],
      [[keyspace.name, String(vschema.sharded), "unmanaged", ""]],
    );
  }
  if (isWord(what, "TABLES")) {
    if (!facts.keyspaceSelected) throw noDatabase();
    const names = [...vschema.tables.keys()].map((name) => Buffer.from(name)).sort(Buffer.compare);
    // Real vtgate adds tables its schema tracker finds on the tablets; here the VSchema is all there is.
    return localRows(
      ["Tables"],
      names.map((name) => [name]),
    );
  }
  if (!isWord(what, "VINDEXES")) throw refusal(statementName(tokens));
  if (isWord(tokens[3], "ON")) return tableVindexes(text, tokens.slice(4), keyspace, facts);
  const rows = [...vschema.vindexes.keys()].sort().map((name) => [keyspace.name, ...vindexFacts(keyspace, name)]);
  return localRows(["Keyspace", "Name", "Type", "Params", "Owner"], rows);
}

function noDatabase(): SqlError {
  const form = "keyspace<:shard><@type> or keyspace<[range]><@type> (<> are optional)";
  return new SqlError(1046, "3D000", `VT09005: no database selected: use ${form}`);
}

function vindexFacts(keyspace: Keyspace, name: string): string[] {
  const vindex = keyspace.vschema.vindexes.get(name);
  if (vindex === undefined) return [name, "", "", ""];
  const params = Object.entries(vindex.params).map(([key, value]) => `${key}=${value}`);
  return [name, vindex.type, params.sort().join("; "), vindex.owner];
}

function tableVindexes(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: ShowFacts): Plan {
  const qualified = isOperator(tokens[1], ".");
  if (!qualified && !facts.keyspaceSelected) throw noDatabase();
  const token = tokens[qualified ? 2 : 0];
  const name = token === undefined ? null : nameOf(text, token);
  const owner = qualified && tokens[0] !== undefined ? nameOf(text, tokens[0]) : keyspace.name;
  if (owner !== keyspace.name)
    throw new SqlError(1049, "42000", `VT05003: unknown database '${owner ?? ""}' in vschema`);
  const columns = ["Columns", "Name", "Type", "Params", "Owner"];
  if (!keyspace.vschema.sharded) return localRows(columns, []);
  const table = keyspace.vschema.tables.get(name ?? "");
  if (table === undefined) {
    throw new SqlError(1146, "42S02", `VT05005: table '${name ?? ""}' does not exist in keyspace '${keyspace.name}'`);
  }
  const rows = table.columnVindexes.map((vindex) => [vindex.columns.join(", "), ...vindexFacts(keyspace, vindex.name)]);
  return localRows(columns, rows);
}

/** A LIKE clause as a filter; without one everything passes. WHERE is ignored, as vtgate does. */
function like(text: string, tokens: readonly Token[]): (name: string) => boolean {
  const pattern = tokens[1];
  if (!isWord(tokens[0], "LIKE") || pattern?.kind !== "string") return () => true;
  const raw = utf8(decodeString(text.slice(pattern.start, pattern.end)));
  const source = raw.replace(/\\?[\s\S]/gu, (character) => {
    if (character === "%") return ".*";
    if (character === "_") return ".";
    return character.replace(/^\\(?=.)/su, "").replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  });
  const expression = new RegExp(`^${source}$`, "is");
  return (name) => expression.test(name);
}
