import { expect, test } from "vitest";
import { decodeResponse, encodeRequest } from "../../../../src/vitess/vtctld/codec.ts";
import { resultRows } from "../../../../src/vitess/vtctld/query-result.ts";
import { keepCellsAndTypes } from "../../../../src/vitess/vtctld/workflow-update.ts";

/** Answers of a vtctld 24, as they came. */
const recorded = {
  shard: "CjcKBG1haW4SAzgwLRoqCgoKBXpvbmUxEMkBEgMKAYAyCAgBIgRob19hOAFCCwiRopPYBhCjq7Zk",
  tablet:
    "CncKCgoFem9uZTEQyAESCTEyNy4wLjAuMSIICgJ2dBCuqAEiCgoEZ3JwYxC3sQEqBG1haW4yAy04MDoDEgGAQAFKB3Z0X21haW5iCTEyNy4wLjAuMWi1ggFyCwiRopPYBhDI5pV0gAH/AYoBDAiQopPYBhC2p+vYAw==",
  rows: "CmoKDgoBbhCJAjgUQD9QgYECChEKB21pc3NpbmcQlTBA/wFIHwoTCgdub3RoaW5nEJUwQP8BSB9QAQoPCgF0EJUwOAhA/wFIH1ABIh8KBCYBAAgSFzkyMjMzNzIwMzY4NTQ3NzU4MDd44oKs",
};
const bytes = (text: string): Buffer => Buffer.from(text, "base64");

test("an answer is plain data with every field there; times are texts, so that no digit is lost", () => {
  expect(decodeResponse("GetShard", bytes(recorded.shard))).toEqual({
    shard: {
      keyspace: "main",
      name: "80-",
      shard: {
        primaryAlias: { cell: "zone1", uid: 201 },
        primaryTermStartTime: { seconds: "1795477777", nanoseconds: 210605475 },
        keyRange: { start: Buffer.from([0x80]), end: Buffer.alloc(0) },
        tabletControls: [
          { tabletType: "PRIMARY", cells: [], deniedTables: ["ho_a"], frozen: false, allowReads: false },
        ],
        isPrimaryServing: true,
      },
    },
  });
});

test("fields that are not used are passed over", () => {
  const { tablet } = decodeResponse("GetTablet", bytes(recorded.tablet));
  expect(tablet).toMatchObject({ dbNameOverride: "vt_main", portMap: { vt: 21550, grpc: 22711 }, type: "PRIMARY" });
});

test("an empty answer has empty lists and maps, and null where a message would be", () => {
  expect(decodeResponse("GetTablet", Buffer.alloc(0))).toEqual({ tablet: null });
  expect(decodeResponse("GetWorkflows", Buffer.alloc(0))).toEqual({ workflows: [] });
  expect(decodeResponse("FindAllShardsInKeyspace", Buffer.alloc(0))).toEqual({ shards: {} });
});

test("a name that a later Vitess has added to an enum is its number", () => {
  // keyspace.shard.tablet_controls[0].tablet_type = 99
  const control = Buffer.from([0x08, 99]);
  const record = Buffer.concat([Buffer.from([0x32, control.length]), control]);
  const named = Buffer.concat([Buffer.from([0x1a, record.length]), record]);
  const { shard } = decodeResponse("GetShard", Buffer.concat([Buffer.from([0x0a, named.length]), named]));
  expect(shard?.shard?.tabletControls[0]?.tabletType).toBe(99);
});

test("damaged bytes are no answer", () => {
  expect(() => decodeResponse("GetShard", bytes(recorded.shard).subarray(0, 20))).toThrow();
});

test("rows tell NULL from empty, and numbers keep their digits", () => {
  const { result } = decodeResponse("ExecuteFetchAsDBA", bytes(recorded.rows));
  expect(resultRows(result)).toEqual([{ n: "9223372036854775807", missing: null, nothing: "", t: "x€" }]);
  expect(resultRows(null)).toEqual([]);
});

test("a request to start streams says to leave cells and types alone", () => {
  const tabletRequest = { workflow: "w", ...keepCellsAndTypes, state: "Running" } as const;
  const request = encodeRequest("WorkflowUpdate", { keyspace: "k", tabletRequest });
  // 1: "k", 2: { 1: "w", 2: ["NULL"], 3: [-1], 4: 3, 6: 4 }
  const types = "1a0affffffffffffffffff01";
  expect(request.toString("hex")).toBe(`0a016b1219${"0a0177"}${"12044e554c4c"}${types}${"2003"}${"3004"}`);
});

test("what a request leaves out is not sent, and what may be absent is sent when it is 0", () => {
  expect(encodeRequest("GetTablets", {})).toHaveLength(0);
  const empty = { workflow: "", cells: [], tabletTypes: [], tabletSelectionPreference: "ANY" } as const;
  expect(encodeRequest("WorkflowUpdate", { keyspace: "", tabletRequest: empty }).toString("hex")).toBe(
    "0a0012040a002000",
  );
  const ignores = { ...empty, onDdl: "IGNORE" } as const;
  const hex = encodeRequest("WorkflowUpdate", { keyspace: "", tabletRequest: ignores }).toString("hex");
  expect(hex).toBe("0a0012060a0020002800");
});

test("numbers of 64 bits go out exactly", () => {
  const request = encodeRequest("ExecuteFetchAsDBA", {
    tabletAlias: { cell: "", uid: 4294967295 },
    query: "",
    maxRows: "9223372036854775807",
  });
  expect(request.toString("hex")).toContain("18ffffffffffffffff7f");
});
