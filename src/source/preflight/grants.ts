import type { Session } from "../../mysql/session.ts";

/** One GRANT or REVOKE line of SHOW GRANTS. */
interface Grant {
  readonly revoked: boolean;
  /** Upper case; a privilege on single columns only is left out. */
  readonly privileges: ReadonlySet<string>;
  /** null: `*`. May hold the wildcards `%` and `_`, a wildcard behind a backslash being itself. */
  readonly database: string | null;
  readonly table: string | null;
}

/** What an account may do, its active roles included. */
export interface Grants {
  /** `'user'@'host'` as the server knows it. */
  readonly account: string;
  /** On everything. */
  globally(privilege: string): boolean;
  /** On every table of a database. */
  onDatabase(privilege: string, database: string): boolean;
  /** On a whole table. */
  onTable(privilege: string, database: string, table: string): boolean;
}

export async function readGrants(session: Session): Promise<Grants> {
  const [who] = await session.query("SELECT CURRENT_USER() AS account, CURRENT_ROLE() AS roles");
  const roles = who?.["roles"] ?? "NONE";
  const rows = await session.query(roles === "NONE" ? "SHOW GRANTS" : `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`);
  const [user, host] = splitAccount(who?.["account"] ?? "");
  return grantsOf(
    `'${user}'@'${host}'`,
    rows.map((row) => Object.values(row)[0] ?? ""),
  );
}

/** The host is what follows the last @: user names may hold one. */
function splitAccount(account: string): [user: string, host: string] {
  const at = account.lastIndexOf("@");
  return [account.slice(0, at), account.slice(at + 1)];
}

const quoted = "`(?:[^`]|``)+`";
const line = new RegExp(`^(GRANT|REVOKE) (.+) ON (?:TABLE )?(\\*|${quoted})\\.(\\*|${quoted}) (?:TO|FROM) `, "s");

/** Pure: the meaning of SHOW GRANTS lines. Grants of roles and on routines say nothing about tables and are passed over. */
export function grantsOf(account: string, lines: readonly string[]): Grants {
  const grants = lines.flatMap((text): Grant[] => {
    const match = line.exec(text);
    if (match === null) return [];
    const [, verb, privileges, database, table] = match as unknown as [string, string, string, string, string];
    return [
      {
        revoked: verb === "REVOKE",
        privileges: privilegesOf(privileges),
        database: name(database),
        table: name(table),
      },
    ];
  });
  const holds = (grant: Grant, privilege: string): boolean =>
    grant.privileges.has(privilege) || (isStatic(privilege) && grant.privileges.has("ALL PRIVILEGES"));
  const globally = (privilege: string): boolean =>
    grants.some((grant) => !grant.revoked && grant.database === null && holds(grant, privilege));
  const onDatabase = (privilege: string, database: string): boolean => {
    const here = grants.filter((grant) => grant.database !== null && grant.table === null && holds(grant, privilege));
    if (here.some((grant) => !grant.revoked && matches(grant.database ?? "", database))) return true;
    return globally(privilege) && !here.some((grant) => grant.revoked && grant.database === database);
  };
  return {
    account,
    globally,
    onDatabase,
    onTable: (privilege, database, table) =>
      onDatabase(privilege, database) ||
      grants.some(
        (grant) => !grant.revoked && grant.database === database && grant.table === table && holds(grant, privilege),
      ),
  };
}

/** GRANT ALL prints the dynamic privileges on a line of their own. They are the ones with an underscore. */
const isStatic = (privilege: string): boolean => !privilege.includes("_");

function privilegesOf(text: string): Set<string> {
  const withoutColumns = text.replace(/[A-Z ]+\((?:[^()`]|`(?:[^`]|``)*`)*\)/g, "");
  return new Set(withoutColumns.split(",").map((privilege) => privilege.trim().toUpperCase()));
}

function name(text: string): string | null {
  return text === "*" ? null : text.slice(1, -1).replaceAll("``", "`");
}

function matches(pattern: string, database: string): boolean {
  const source = pattern.replace(/\\([%_])|([%_])|([^%_]+?)/gs, (_, escaped, wildcard, plain) =>
    wildcard === undefined ? literal(escaped ?? plain) : wildcard === "%" ? ".*" : ".",
  );
  return new RegExp(`^${source}$`, "s").test(database);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
