import { describe, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { noTls, parseServerUrl } from "../../../src/mysql/server-url.ts";

describe("parseServerUrl", () => {
  test("a whole URL", () => {
    const options = "tls=verify-identity&ca=/etc/a+b%20c.pem&cert=me.pem&key=me.key";
    expect(parseServerUrl(`mysql://re%40der:p%2Fw%3A@db.example:3307/my%20db?${options}`)).toEqual({
      scheme: "mysql",
      host: "db.example",
      port: 3307,
      socketPath: null,
      user: "re@der",
      password: "p/w:",
      database: "my db",
      tls: { mode: "verify-identity", ca: "/etc/a+b c.pem", cert: "me.pem", key: "me.key" },
    });
  });

  test("what is left out", () => {
    expect(parseServerUrl("vtgate://loader@gate.example/main")).toMatchObject({
      port: 15_306,
      password: null,
      tls: { ...noTls, mode: "preferred" },
    });
    expect(parseServerUrl("mysql://root@[::1]")).toMatchObject({ host: "::1", port: 3306, database: "", tls: noTls });
    expect(parseServerUrl("mysql://root@localhost/d?socket=/run/my.sock")).toMatchObject({
      socketPath: "/run/my.sock",
    });
  });

  test.each([
    ["db", "", "preferred"],
    ["127.0.0.1", "", "disabled"],
    ["db", "?socket=/run/my.sock", "disabled"],
    ["127.0.0.1", "?tls=required", "required"],
    ["db", "?tls=disabled", "disabled"],
    ["db", "?ca=ca.pem", "verify-ca"],
    ["127.0.0.1", "?cert=c.pem&key=k.pem", "required"],
    ["db", "?tls=preferred&cert=c.pem&key=k.pem", "preferred"],
  ])("the mode of a server at %s with %s is %s", (host, options, mode) => {
    expect(parseServerUrl(`mysql://root@${host}/d${options}`).tls.mode).toBe(mode);
  });

  test.each([
    ["http://root:hush@db/x", /neither mysql/],
    ["mysql://root:hush@/x", /no host|no URL/],
    ["mysql://root:hu%sh@db/x", /password has a %/],
    ["mysql://root:hush@db:99999/x", /no URL/],
    ["mysql://root:hush@db/x?ssl=on", /unknown option "ssl"/],
    ["mysql://root:hush@db/x?tls=verify", /tls is "verify"/],
    ["mysql://root:hush@db/x?tls=required&tls=disabled", /tls twice/],
    ["mysql://root:hush@db/x?tls=required&ca=ca.pem", /tls=required checks no certificate/],
    ["mysql://root:hush@db/x?tls=required&cert=c.pem", /cert and key go together/],
    ["mysql://root:hush@db/x?tls=disabled&cert=c.pem&key=k.pem", /tls=disabled shows none/],
    ["mysql://root:hush@db/x?ca=%zz", /ca has a %/],
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
