import { expect, test } from "vitest";
import { requireHandoff } from "../../../src/config/config.ts";
import { compileConfig } from "../../../src/config/load-config.ts";
import { secretsOf } from "../../../src/config/secrets.ts";

const target = { url: "vtgate://loader@127.0.0.1:15306/main", vtctld: "127.0.0.1:15999" };

test("a handoff section needs only the source's keyspace", () => {
  const config = compileConfig({ version: 1, target, handoff: { sourceKeyspace: "ext" } }, null, {});
  expect(requireHandoff(config)).toEqual({
    vtctld: "127.0.0.1:15999",
    handoff: {
      sourceKeyspace: "ext",
      workflow: "vtpipe",
      cells: [],
      tabletTypes: ["replica", "primary"],
      follow: [],
      maxLagSeconds: 30,
      switchTimeoutSeconds: 30,
      login: null,
      tls: null,
    },
  });
});

test("TLS files start from the config's folder, and an empty section means TLS", () => {
  const of = (tls: object) =>
    compileConfig({ version: 1, target, handoff: { sourceKeyspace: "ext", tls } }, "/etc/vtpipe/vtpipe.yaml", {})
      .handoff;
  expect(of({})?.tls).toEqual({ ca: null, cert: null, key: null, serverName: null });
  expect(of({ ca: "ca.pem" })?.tls?.ca).toBe("/etc/vtpipe/ca.pem");
});

test("vtctld's password is a secret", () => {
  const login = { user: "mover", password: ["$", "{VTCTLD_PASSWORD}"].join("") };
  const config = compileConfig({ version: 1, target, handoff: { sourceKeyspace: "ext", login } }, null, {
    VTCTLD_PASSWORD: "hush-hush",
  });
  expect(secretsOf(config)).toContain("hush-hush");
});

test("a workflow name that no server would take is refused", () => {
  const wrong = () =>
    compileConfig({ version: 1, target, handoff: { sourceKeyspace: "ext", workflow: "a b" } }, null, {});
  expect(wrong).toThrow(/handoff\.workflow/);
});

test("a handoff without its section or without vtctld is refused with what to write", () => {
  const bare = compileConfig({ version: 1, target }, null, {});
  expect(() => requireHandoff(bare)).toThrow("The config has no handoff section.");
  const noVtctld = { version: 1, target: { url: target.url }, handoff: { sourceKeyspace: "ext" } };
  expect(() => requireHandoff(compileConfig(noVtctld, null, {}))).toThrow("target.vtctld is not set.");
});
