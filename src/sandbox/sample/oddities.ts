import { hex, maybe, prose, slug, text } from "./literals.ts";
import type { SampleTable } from "./sample-table.ts";

/** Names that have to be quoted, rows that are large, and a table that rules leave out. */

/** No backtick in the table's own name: Vitess 24 cannot read the schema of a database that has one (`UnescapeID err`). */
const oddNames: SampleTable = {
  name: "odd names – für alle",
  create: `CREATE TABLE \`odd names – für alle\` (
    \`the id\` INT NOT NULL,
    \`back\`\`tick\` VARCHAR(40) DEFAULT NULL,
    \`größe "in" cm\` DECIMAL(6,2) DEFAULT NULL,
    \`select\` VARCHAR(10) NOT NULL DEFAULT '',
    \`名前\` VARCHAR(40) DEFAULT NULL,
    PRIMARY KEY (\`the id\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["the id", "back`tick", 'größe "in" cm', "select", "名前"],
  rows: 500,
  row: (random, index) => [
    String(index - 250),
    maybe(random, 0.2, () => text(prose(random, 2, 40))),
    maybe(random, 0.2, () => `${random.int(0, 9999)}.${random.int(10, 99)}`),
    text(random.pick(["", "a", "b"])),
    maybe(random, 0.2, () => text(random.pick(["山田", "佐藤", "鈴木 🗻"]))),
  ],
};

/** Below the 16 MiB that vtgate and vttablet exchange at most, also as a hex literal. */
const LARGE_BYTES = 6 * 1024 * 1024;

const documents: SampleTable = {
  name: "documents",
  create: `CREATE TABLE documents (
    id INT NOT NULL,
    title VARCHAR(100) NOT NULL,
    body LONGTEXT,
    scan LONGBLOB,
    PRIMARY KEY (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["id", "title", "body", "scan"],
  rows: 20,
  row: (random, index) => [
    String(index + 1),
    text(index === 0 ? "six megabytes" : slug(random, 20)),
    index === 0 ? text(random.bytes((LARGE_BYTES * 3) / 4).toString("base64")) : text(prose(random, 2000)),
    index === 0 ? "NULL" : hex(random.bytes(random.int(0, 60_000))),
  ],
};

const temporary: SampleTable = {
  name: "tmp_import",
  create: "CREATE TABLE tmp_import (id INT NOT NULL PRIMARY KEY, line TEXT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
  columns: ["id", "line"],
  rows: 100,
  row: (random, index) => [String(index), text(prose(random, 5))],
};

export const oddTables: readonly SampleTable[] = [oddNames, documents, temporary];
