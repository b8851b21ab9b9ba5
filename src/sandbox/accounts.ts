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

/**
 * What reading a consistent snapshot of one database and following it takes, and nothing more. Each line says what for.
 */
export function readerSql(user: string, password: string, database: string): string[] {
  const account = `'${user}'@'127.0.0.1'`;
  return [
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${password}'`,
    // SELECT: the rows. SHOW VIEW, TRIGGER, EVENT: to list what does not move. LOCK TABLES: the snapshot's second way.
    `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON \`${database}\`.* TO ${account}`,
    // RELOAD: FLUSH TABLES WITH READ LOCK. REPLICATION CLIENT: the binary log position. REPLICATION SLAVE: the log, for `follow`.
    `GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO ${account}`,
    // BACKUP_ADMIN: LOCK INSTANCE FOR BACKUP, which holds off DDL. SHOW_ROUTINE: to list routines of others.
    `GRANT BACKUP_ADMIN, SHOW_ROUTINE ON *.* TO ${account}`,
  ];
}
