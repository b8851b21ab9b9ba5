import { describe, expect, test } from "vitest";
import { debianMirror, parseDeb822Sources, parseOneLineSources } from "../../../src/sandbox/apt-sources.ts";

describe("one-line sources", () => {
  test("take deb lines with and without options, and leave out comments and source packages", () => {
    const text = [
      "# deb http://old.example/debian bookworm main",
      "deb http://mirror.example/debian/ bookworm main contrib # local",
      "deb-src http://mirror.example/debian bookworm main",
      "  deb [arch=amd64 signed-by=/etc/k.gpg] https://other.example/apt stable free",
      "",
    ].join("\n");
    expect(parseOneLineSources(text)).toEqual([
      { uri: "http://mirror.example/debian/", suites: ["bookworm"], components: ["main", "contrib"] },
      { uri: "https://other.example/apt", suites: ["stable"], components: ["free"] },
    ]);
  });
});

describe("deb822 sources", () => {
  test("take every URI of a stanza, folded values and comments inside it", () => {
    const text = [
      "Types: deb deb-src",
      "# a comment",
      "URIs: http://a.example/debian http://b.example/debian",
      "Suites: trixie",
      " trixie-updates",
      "Components: main",
      "",
      "",
      "Enabled: no",
      "Types: deb",
      "URIs: http://off.example/debian",
      "Suites: sid",
      "Components: main",
    ].join("\n");
    const common = { suites: ["trixie", "trixie-updates"], components: ["main"] };
    expect(parseDeb822Sources(text)).toEqual([
      { uri: "http://a.example/debian", ...common },
      { uri: "http://b.example/debian", ...common },
    ]);
  });

  test("leave out stanzas of source packages alone", () => {
    expect(parseDeb822Sources("Types: deb-src\nURIs: http://a.example/debian\nSuites: sid\nComponents: main")).toEqual(
      [],
    );
  });
});

describe("the Debian mirror", () => {
  const debian = { uri: "http://mirror.example/debian/", suites: ["bookworm"], components: ["main"] };

  test("is the first archive with a Debian release, without its last slash", () => {
    const security = {
      uri: "http://security.example/debian-security",
      suites: ["bookworm-security"],
      components: ["main"],
    };
    const foreign = { uri: "https://packages.example/apt", suites: ["stable"], components: ["free"] };
    expect(debianMirror([security, foreign, debian])).toBe("http://mirror.example/debian");
  });

  test("is not known on a machine of another kind", () => {
    const ubuntu = { uri: "http://archive.example/ubuntu", suites: ["noble"], components: ["main"] };
    expect(debianMirror([ubuntu])).toBeNull();
    expect(debianMirror([])).toBeNull();
  });
});
