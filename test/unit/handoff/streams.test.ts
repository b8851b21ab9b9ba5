import { expect, test } from "vitest";
import { streamRule, streamSource } from "../../../src/handoff/stream-rules.ts";
import { insertStream, setPosition } from "../../../src/handoff/stream-sql.ts";
import { laned } from "./laned.ts";

test("a rule selects columns and twins, of the filtered rows of one shard", () => {
  const table = laned("people", {
    target: "persons",
    columns: [
      { name: "number", expression: "`id`" },
      { name: "mail`s", expression: "sha2(`email`, 256)" },
    ],
    untouched: { number: "id" },
    filter: "`active` = 1",
    sharding: { vindex: "main.hash", columns: ["number"] },
  });
  expect(streamRule(table, "-80", ["`id` <= 5"])).toEqual({
    match: "persons",
    filter:
      "select `id` as `number`, sha2(`email`, 256) as `mail``s` from `people` where `active` = 1 and `id` <= 5 and in_keyrange(`id`, 'main.hash', '-80')",
  });
});

test("without filter and sharding every row goes", () => {
  expect(streamRule(laned("t", { sharding: null }), "0").filter).toBe("select `id` as `id`, `name` as `name` from `t`");
});

test("the source is protobuf text, with everything but plain ASCII as octal bytes", () => {
  const source = streamSource({ keyspace: "ext", shard: "0" }, [{ match: "t", filter: `select "é\\" from t\n` }]);
  expect(source).toBe(
    String.raw`keyspace:"ext" shard:"0" filter:{rules:{match:"t" filter:"select \042\303\251\134\042 from t\012"}}`,
  );
});

test("a stream is added once, and a position is given only where there is none", () => {
  const sql = insertStream({
    workflow: "vtpipe_sql",
    database: "vt_main",
    source: 'keyspace:"ext" don\'t',
    position: "MySQL56/a:1-5",
    stopPosition: null,
    cells: "",
    tabletTypes: "in_order:REPLICA,PRIMARY",
    rowsCopied: 7,
  });
  expect(sql).toContain("'Stopped'");
  expect(sql).toMatch(
    /where not exists \(select 1 from _vt\.vreplication where workflow = 'vtpipe_sql' and db_name = 'vt_main' and source = 'keyspace:"ext" don''t'\)$/,
  );
  expect(setPosition({ workflow: "vtpipe", database: "vt_main" }, "MySQL56/a:1-5", 7)).toContain(
    "and state = 'Stopped' and pos = ''",
  );
});
