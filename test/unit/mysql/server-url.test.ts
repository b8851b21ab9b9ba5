import { describe, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { parseServerUrl } from "../../../src/mysql/server-url.ts";

describe("parseServerUrl", () => {
  test("a whole URL", () => {
    expect(parseServerUrl("mysql://re%40der:p%2Fw%3A@db.example:3307/my%20db?tls=verify&ca=/etc/ca.pem")).toEqual({
      scheme: "mysql",
      host: "db.example",
      port: 3307,
      socketPath: null,
      user: "re@der",
      password: "p/w:",
      database: "my db",
      tls: "verify",
      tlsCa: "/etc/ca.pem",
    });
  });

  test("what is left out", () => {
    expect(parseServerUrl("vtgate://loader@gate.example/main")).toMatchObject({
      port: 15_306,
      password: null,
      tls: "preferred",
      tlsCa: null,
    });
    expect(parseServerUrl("mysql://root@[::1]")).toMatchObject({ host: "::1", port: 3306, database: "", tls: "off" });
    expect(parseServerUrl("mysql://root@127.0.0.1/d?tls=required")).toMatchObject({ tls: "required" });
    expect(parseServerUrl("mysql://root@localhost/d?socket=/run/my.sock")).toMatchObject({
      socketPath: "/run/my.sock",
    });
  });

  test.each([
    ["http://root:hush@db/x", /neither mysql/],
    ["mysql://root:hush@/x", /no host|no URL/],
    ["mysql://root:hu%sh@db/x", /password has a %/],
    ["mysql://root:hush@db:99999/x", /no URL/],
    ["mysql://root:hush@db/x?ssl=on", /unknown option "ssl"/],
    ["mysql://root:hush@db/x?tls=maybe", /tls is "maybe"/],
  ])("%s is refused without its password", (url, why) => {
    const refused = (() => {
      try {
        return parseServerUrl(url);
      } catch (error) {
        return error as VtpipeError;
      }
    })();
    expect(refused).toBeInstanceOf(VtpipeError);
    expect((refused as VtpipeError).message).toMatch(why);
    expect(JSON.stringify(refused) + (refused as VtpipeError).message).not.toMatch(/hu(%)?sh/);
  });
});
