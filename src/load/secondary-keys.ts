import type { TableSchema } from "../contracts/schema.ts";
import type { SecondaryKey } from "../contracts/secondary-key.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { isKeyDefinition } from "../mysql/key-definition.ts";

/** A line of SHOW CREATE TABLE that is an ordinary key. Line ends within names and comments are escaped there. */
const keyLine = /^ {2}(KEY (`(?:[^`]|``)+`) \(.*?),?$/gm;

/**
 * The keys that need not be there while rows are inserted. Unique ones stay: they are what finds two rows that a transform
 * made the same. So do keys that foreign keys or AUTO_INCREMENT stand on, FULLTEXT and SPATIAL ones, which InnoDB builds one
 * at a time, and those written with a version comment (invisible ones), which may not come back as they were.
 */
export function secondaryKeys(table: TableSchema, referencing: readonly TableSchema[]): SecondaryKey[] {
  const referenced = referencing.flatMap(({ foreignKeys }) =>
    foreignKeys.filter((key) => key.referencedTable === table.name).map((key) => key.referencedColumns[0]),
  );
  const needed = [
    ...table.foreignKeys.map((key) => key.columns[0]),
    ...referenced,
    ...table.columns.filter(({ autoIncrement }) => autoIncrement).map(({ name }) => name),
  ];
  return keysIn(table.createStatement).filter(({ definition }) => {
    const columns = definition.slice(definition.indexOf("` (") + 2);
    const first = /^\(`((?:[^`]|``)+)`/.exec(columns)?.[1]?.replaceAll("``", "`");
    const isNeeded = needed.some((column) => column?.toLowerCase() === first?.toLowerCase());
    return !isNeeded && isKeyDefinition(definition);
  });
}

/** All ordinary keys of a CREATE TABLE as SHOW CREATE TABLE writes it. */
export function keysIn(createStatement: string): SecondaryKey[] {
  return [...createStatement.matchAll(keyLine)].map(([, definition = "", name = ""]) => ({
    name: name.slice(1, -1).replaceAll("``", "`"),
    definition,
  }));
}

/** Drops keys of a table; its rows stay. */
export function dropKeysSql(table: string, keys: readonly SecondaryKey[]): string {
  return `ALTER TABLE ${quoteName(table)} ${keys.map(({ name }) => `DROP KEY ${quoteName(name)}`).join(", ")}`;
}

/** Builds all keys in one pass over the table. */
export function buildKeysSql(table: string, keys: readonly SecondaryKey[]): string {
  return `ALTER TABLE ${quoteName(table)} ${keys.map(({ definition }) => `ADD ${definition}`).join(", ")}`;
}

export interface KeysLeft {
  /** To be built. */
  readonly missing: readonly SecondaryKey[];
  /** There under their names, but otherwise than they were. */
  readonly changed: readonly SecondaryKey[];
}

/** Holds the keys a table should have against what it has. */
export function keysLeft(wanted: readonly SecondaryKey[], createStatement: string): KeysLeft {
  const there = new Map(keysIn(createStatement).map(({ name, definition }) => [name.toLowerCase(), definition]));
  return {
    missing: wanted.filter(({ name }) => !there.has(name.toLowerCase())),
    changed: wanted.filter(({ name, definition }) => (there.get(name.toLowerCase()) ?? definition) !== definition),
  };
}
