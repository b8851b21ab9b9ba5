import { describe, expect, it } from "vitest";
import { compileConfig } from "../../../src/config/load-config.ts";
import { redactor } from "../../../src/config/redactor.ts";
import { secretsOf } from "../../../src/config/secrets.ts";

describe("secretsOf and redactor", () => {
  it("know passwords, salts and what user modules are given from the environment", () => {
    const config = compileConfig(
      {
        version: 1,
        source: { url: "mysql://u@h/d", password: "source-word" },
        target: { url: "vtgate://u:target%2Fword@h/d" },
        tables: {
          rules: {
            t: {
              transforms: [
                { hash: { column: "email", salt: "pepper" } },
                { sql: { column: "code", expression: `CONCAT('\${SQL_KEY}', code)` } },
                {
                  use: {
                    module: "./m.ts",
                    parameters: { column: "created", other: `$\${PLAIN}`, deep: [{ key: `v1:\${MODULE_KEY}` }] },
                  },
                },
              ],
            },
          },
        },
      },
      null,
      { MODULE_KEY: "module-key", PLAIN: "nothing", SQL_KEY: "sql-key" },
    );
    expect([...secretsOf(config)].sort()).toEqual(["module-key", "pepper", "source-word", "sql-key", "target/word"]);
    const redact = redactor(secretsOf(config));
    expect(redact("a target%2Fword b target/word c pepper email")).toBe("a *** b *** c *** email");
  });

  it("hide the longer secret as a whole, JSON and SQL forms, and what a text is cut off in", () => {
    expect(redactor(["pass", 'password"1'])('x password\\"1 y pass')).toBe("x *** y ***");
    expect(redactor(["it's long"])("'it''s long' or 'it\\'s long'")).toBe("'***' or '***'");
    const redact = redactor(["a-secret-of-24-characters"]);
    expect(redact("near 'a-secret-of-2' at line 1, a-secret-of-24-characters")).toBe("near '***' at line 1, ***");
    expect(redact("a-secret-o")).toBe("a-secret-o");
    expect(redactor(["1"])("11 rows")).toBe("11 rows");
  });
});
