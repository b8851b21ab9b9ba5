import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { atLeast, majorOf, readTabletVersion, versionFindings } from "../../../../src/vitess/vtctld/version.ts";

test.each([
  ["24.0.0-SNAPSHOT", 24],
  ["22.0.1", 22],
  ["v19.0.4", 19],
  ["9.7.4-Vitess", 9],
  ["", null],
  ["{ip-10.0.0.1 vitess 1700000000 abc}", null],
  [null, null],
])("%s is version %s", (text, major) => {
  expect(majorOf(text)).toBe(major);
});

test("a version that is not known is not held up", () => {
  expect([atLeast("24.0.0", 24), atLeast("23.9.9", 24), atLeast(null, 24), atLeast("odd", 24)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test("what was tried is not spoken of, what was not is warned of once, and what is too old is refused", () => {
  const many = { b1: "23.0.0", b2: "23.0.0", b3: "23.0.0", b4: "23.0.0" };
  const findings = versionFindings({ a: "24.0.1", ...many, c: null, d: "21.0.2", e: "25.0.0" });
  expect(findings.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
    "warning: The handoff was tried with Vitess 24 only, and Vitess 23.0.0 runs b1, b2, b3 and 1 more.",
    "warning: The handoff was tried with Vitess 24 only, and no version of Vitess is told by c.",
    "refusal: Vitess 21.0.2 runs d; the handoff's calls mean something else before version 22.",
    "warning: The handoff was tried with Vitess 24 only, and Vitess 25.0.0 runs e.",
  ]);
});

test("the variables of a tablet are read no further than to its version, however many there are", async () => {
  let gone = false;
  const tablet = createServer((_, response) => {
    response.on("close", () => {
      gone = true;
    });
    response.write('{"BuildTimestamp": 1, "BuildVersion": "24.0.0-SNAPSHOT",\n"Queries": {');
  });
  const { port } = await new Promise<AddressInfo>((resolve) => {
    tablet.listen(0, "127.0.0.1", () => resolve(tablet.address() as AddressInfo));
  });
  try {
    expect(await readTabletVersion({ hostname: "127.0.0.1", portMap: { vt: port } })).toBe("24.0.0-SNAPSHOT");
    await vi.waitFor(() => expect(gone).toBe(true));
  } finally {
    tablet.close();
  }
});
