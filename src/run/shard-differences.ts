import type { Column, TableSchema } from "../contracts/schema.ts";

interface ShardTables {
  readonly name: string;
  readonly schemas: ReadonlyMap<string, TableSchema>;
}

/** In what the table differs between the first shard and the others, as full sentences. A table that no shard has is none. */
export function shardDifferences(table: string, [first, ...others]: readonly ShardTables[]): string[] {
  if (first === undefined) return [];
  const here = first.schemas.get(table);
  return others.flatMap(({ name, schemas }) => {
    const there = schemas.get(table);
    if (here === undefined && there === undefined) return [];
    if (here === undefined || there === undefined) {
      const [has, lacks] = there === undefined ? [first.name, name] : [name, first.name];
      return [`Table ${table} is on shard ${has}, but not on shard ${lacks}.`];
    }
    return columnDifferences(here.columns, there.columns).map(
      (what) => `Table ${table} is not the same on shards ${first.name} and ${name}: ${what}.`,
    );
  });
}

function columnDifferences(here: readonly Column[], there: readonly Column[]): string[] {
  const byName = (columns: readonly Column[]) => new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const [left, right] = [byName(here), byName(there)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const [a, b] = [inWords(left.get(name)), inWords(right.get(name))];
    return a === b ? [] : [`column "${name}" is ${a} on the first and ${b} on the other`];
  });
}

function inWords(column: Column | undefined): string {
  if (column === undefined) return "missing";
  const { type, collation, nullable, generated } = column;
  return [type, collation, nullable ? null : "not null", generated && `${generated} generated`]
    .filter(Boolean)
    .join(" ");
}
