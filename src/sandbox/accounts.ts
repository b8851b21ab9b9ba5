import { randomBytes } from "node:crypto";

/** A password nobody else on the machine can guess: loopback is open to every local user. */
export function randomPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** root over TCP and the socket, with every privilege. */
export function adminSql(password: string): string[] {
  return ["localhost", "127.0.0.1"].flatMap((host) => [
    `CREATE USER IF NOT EXISTS root@'${host}'`,
    `ALTER USER root@'${host}' IDENTIFIED BY '${password}'`,
    `GRANT ALL ON *.* TO root@'${host}' WITH GRANT OPTION`,
  ]);
}

/** The account of vttablets, over the socket only. */
export function tabletSql(user: string, password: string): string[] {
  return [
    `CREATE USER IF NOT EXISTS '${user}'@localhost IDENTIFIED BY '${password}'`,
    `GRANT ALL ON *.* TO '${user}'@localhost WITH GRANT OPTION`,
  ];
}

/** What reading a consistent snapshot of one database and following it takes, as README has it. Each line says what for. */
export function readerSql(user: string, password: string, database: string): string[] {
  const account = `'${user}'@'127.0.0.1'`;
  return [
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${password}'`,
    // SELECT: the rows. TRIGGER, EVENT: to list what does not move. LOCK TABLES: the snapshot's second way.
    `GRANT SELECT, TRIGGER, EVENT, LOCK TABLES ON \`${database}\`.* TO ${account}`,
    // FLUSH_TABLES: the global read lock. REPLICATION CLIENT: where the binary log stands.
    `GRANT FLUSH_TABLES, REPLICATION CLIENT ON *.* TO ${account}`,
    // BACKUP_ADMIN: LOCK INSTANCE FOR BACKUP, which holds off DDL. SHOW_ROUTINE: to list routines. PROCESS: to see long statements.
    `GRANT BACKUP_ADMIN, SHOW_ROUTINE, PROCESS ON *.* TO ${account}`,
    // The log itself, for `follow`.
    `GRANT REPLICATION SLAVE ON *.* TO ${account}`,
  ];
}
