import { describe, expect, test } from "vitest";
import type { CellKind } from "../../../src/contracts/schema.ts";
import { vindexFunction } from "../../../src/vitess/vindexes/vindex-function.ts";

/** Vectors of the Go tests in go/vt/vtgate/vindexes; null: no destination. */
const vectors: Record<string, [kind: CellKind, value: string | Buffer | null, id: string | null][]> = {
  hash: [
    ["integer", "1", "166b40b44aba4bd6"],
    ["integer", "2", "06e7ea22ce92708f"],
    ["integer", "3", "4eb190c9a2fa169c"],
    ["integer", "4", "d2fd8867d50d2dfe"],
    ["integer", "5", "70bb023c810ca87a"],
    ["integer", "6", "f098480ac4c4be71"],
    ["integer", "0", "8ca64de9c1b123a7"],
    ["integer", "-1", "355550b2150e2451"],
    ["integer", "18446744073709551615", "355550b2150e2451"],
    ["integer", "9223372036854775807", "f77d48aadda1f1bb"],
    ["integer", "-9223372036854775808", "95f8a5e5dd31d900"],
    ["integer", "255", "254e882e6597f41d"],
    ["integer", "256", "dd7c0bbd61fafd54"],
    ["integer", "00001", "166b40b44aba4bd6"],
    ["integer", "18446744073709551616", null],
    ["integer", "-9223372036854775809", null],
    ["text", "1", "166b40b44aba4bd6"],
    ["text", "-1", null],
    ["text", "", null],
    ["text", "1.1", null],
    ["integer", null, null],
  ],
  xxhash: [
    ["text", "test1", "d01ab7e4d6978f0b"],
    ["text", "test2", "87eb11714c0a0e89"],
    ["text", "testaverylongvaluetomakesurethisworks", "81d8c38e0d850e6a"],
    ["integer", "1", "d46405367612b4b7"],
    ["integer", "-1", "d8e2a6a7c8c7623d"],
    ["integer", "18446744073709551615", "477cfa8d6d8f1f8d"],
    ["integer", "9223372036854775807", "b37eb01f7bffafd8"],
    ["integer", "-9223372036854775808", "102c27ddb26a609e"],
    ["integer", "0001", "d46405367612b4b7"],
    ["text", "", "99e9d85137db46ef"],
    ["text", null, "99e9d85137db46ef"],
  ],
  binary_md5: [
    ["text", "test1", "5a105e8b9d40e1329780d62ea2265d8a"],
    ["text", "TEST", "033bd94b1168d7e4f0d644c3c95e35bf"],
    ["text", "Test", "0cbc6611f5540bd0809a388dc95a615b"],
    ["text", null, "d41d8cd98f00b204e9800998ecf8427e"],
  ],
  binary: [
    ["text", "test1", "7465737431"],
    ["text", "test2", "7465737432"],
    ["binary", Buffer.from("8a1e", "hex"), "8a1e"],
    ["binary", null, ""],
  ],
  numeric: [
    ["integer", "1", "0000000000000001"],
    ["integer", "8", "0000000000000008"],
    ["integer", "18446744073709551615", "ffffffffffffffff"],
    ["integer", "9007199254740993", "0020000000000001"],
    ["integer", "-1", null],
    ["decimal", "1.1", null],
    ["integer", null, null],
  ],
  reverse_bits: [
    ["integer", "1", "8000000000000000"],
    ["integer", "2", "4000000000000000"],
    ["integer", "3", "c000000000000000"],
    ["integer", "4", "2000000000000000"],
    ["integer", "5", "a000000000000000"],
    ["integer", "6", "6000000000000000"],
    ["integer", "4294967296", "0000000080000000"],
    ["integer", null, null],
  ],
  null: [
    ["integer", "1", "00"],
    ["text", "anything", "00"],
    ["text", null, "00"],
  ],
};

describe.each(Object.keys(vectors))("vindex %s", (type) => {
  test.each(vectors[type] ?? [])("%s %s → %s", (kind, value, id) => {
    const vindex = vindexFunction(type, { kind });
    const [found] = vindex?.([typeof value === "string" ? Buffer.from(value) : value]) ?? [];
    expect(found === null ? null : Buffer.from(found ?? []).toString("hex")).toBe(id);
  });
});

test("many values at once give what each gives alone", () => {
  const vindex = vindexFunction("hash", { kind: "integer" });
  const ids = vindex?.([Buffer.from("1"), null, Buffer.from("x"), Buffer.from("2")]) ?? [];
  expect(ids.map((id) => (id === null ? null : Buffer.from(id).toString("hex")))).toEqual([
    "166b40b44aba4bd6",
    null,
    null,
    "06e7ea22ce92708f",
  ]);
});

test.each(["unicode_loose_xxhash", "unicode_loose_md5", "consistent_lookup_unique", "multicol", "cfc", "nonsense"])(
  "%s is left to vtgate",
  (type) => {
    expect(vindexFunction(type, { kind: "text" })).toBeNull();
  },
);

test.each(["timestamp", "json", "float", "bit"] as const)("a vindex over a %s column is left to vtgate", (kind) => {
  expect(vindexFunction("xxhash", { kind })).toBeNull();
});
