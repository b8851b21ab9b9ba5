import { expect, test } from "vitest";
import { isKeyDefinition } from "../../../src/mysql/key-definition.ts";

test.each([
  "KEY `a` (`b`)",
  "KEY `a``, DROP COLUMN ``b` (`c`(5) DESC,`d, e)`) USING BTREE COMMENT 'a, ''b'' \\' c'",
  "KEY `sum` (((`a` + 1)))",
  "KEY `list` ((cast(json_extract(`doc`,_utf8mb4'$.a') as unsigned array)))",
])("%s is one key", (definition) => {
  expect(isKeyDefinition(definition)).toBe(true);
});

test.each([
  "",
  "UNIQUE KEY `a` (`b`)",
  "COLUMN `a` int",
  "KEY `a` (`b`), DROP COLUMN `c`",
  "KEY `a` (`b`); DROP TABLE `c`",
  "KEY `a` (`b`)), DROP COLUMN `c`, ADD KEY `d` ((`e`)",
  "KEY `a` (`b`) /*!80000 INVISIBLE */",
  "KEY `a` (`b`) -- `",
  "KEY `a` (`b`) # x",
  "KEY `a` (`b",
  "KEY `a` (`b`) COMMENT 'open",
  'KEY `a` (`b`) COMMENT ")", DROP COLUMN `c`',
])("%s is none", (definition) => {
  expect(isKeyDefinition(definition)).toBe(false);
});
