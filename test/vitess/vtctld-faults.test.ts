import { connect, createServer, type Socket } from "node:net";
import { describe, expect, inject, test } from "vitest";
import { openVtctld, type Vtctld } from "../../src/vitess/vtctld/client.ts";

const { kind, keyspace, vtctld: address } = inject("vtgate");

interface Wire extends AsyncDisposable {
  readonly address: string;
  /** How many clients are connected. */
  clients(): number;
  cut(): void;
}

/** A port that passes everything on to vtctld, or says nothing at all, until its connections are cut. */
async function wire(passesOn: boolean): Promise<Wire> {
  const sockets = new Set<Socket>();
  const [host = "", port = ""] = (address ?? "").split(":");
  const server = createServer((socket) => {
    const other = passesOn ? connect(Number(port), host) : null;
    for (const end of [socket, other]) {
      if (end === null) continue;
      sockets.add(end);
      end.on("error", () => {}).on("close", () => sockets.delete(end));
    }
    if (other !== null) socket.pipe(other).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const boundPort = typeof bound === "object" ? bound?.port : undefined;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${boundPort}`,
    clients: () => [...sockets].filter(({ localPort }) => localPort === boundPort).length,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.skipIf(kind !== "vitess")("calls that do not end well", () => {
  async function sleeping(vtctld: Vtctld) {
    const { tablets } = await vtctld.call("GetTablets", { keyspace, shard: "-80" });
    const tabletAlias = tablets[0]?.alias ?? { cell: "", uid: 0 };
    return { tabletAlias, query: "select sleep(20)", maxRows: 1 };
  }

  test("a call that takes too long is given up, and says that its outcome is open", async () => {
    await using vtctld = await openVtctld({ address: address ?? "" });
    await expect(vtctld.call("ExecuteFetchAsDBA", await sleeping(vtctld), { timeoutMs: 300 })).rejects.toMatchObject({
      context: { grpcCode: "DEADLINE_EXCEEDED" },
      now: expect.stringContaining("not known"),
    });
  });

  test("a call is given up when the caller says so, and not begun when that was before", async () => {
    await using vtctld = await openVtctld({ address: address ?? "" });
    const stop = new AbortController();
    const request = await sleeping(vtctld);
    const called = vtctld.call("ExecuteFetchAsDBA", request, { signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    await expect(called).rejects.toMatchObject({ code: "interrupted" });
    const again = vtctld.call("GetKeyspaces", {}, { signal: stop.signal });
    await expect(again).rejects.toMatchObject({ code: "interrupted" });
  });

  test("a connection that breaks during a call leaves its outcome open, and the next call has a new one", async () => {
    await using between = await wire(true);
    await using vtctld = await openVtctld({ address: between.address });
    const called = vtctld.call("ExecuteFetchAsDBA", await sleeping(vtctld));
    setTimeout(between.cut, 300);
    await expect(called).rejects.toMatchObject({
      code: "unreachable",
      retryable: true,
      now: expect.stringContaining("not known"),
    });
    await expect.poll(() => vtctld.call("GetKeyspaces", {}).then(() => "ok", String), { timeout: 20_000 }).toBe("ok");
  });

  test("a server that says nothing is not waited for without end", async () => {
    await using silent = await wire(false);
    await expect(openVtctld({ address: silent.address }, { timeoutMs: 400 })).rejects.toMatchObject({
      code: "unreachable",
      context: { grpcCode: "DEADLINE_EXCEEDED" },
    });
  });

  test.each(["nohost.invalid:15999", "127.0.0.1:1"])("%s, where nobody is, is told at once", async (nowhere) => {
    const now = expect.stringContaining("nothing was changed");
    await expect(openVtctld({ address: nowhere })).rejects.toMatchObject({ code: "unreachable", now });
  });

  test.each(["", "localhost", "http://localhost:15999", "localhost:port", "unix:/tmp/x:1"])(
    "'%s' is refused as an address",
    async (wrong) => {
      await expect(openVtctld({ address: wrong })).rejects.toMatchObject({ code: "config" });
    },
  );

  test("an answer of many megabytes comes whole", async () => {
    await using vtctld = await openVtctld({ address: address ?? "" });
    const request = { ...(await sleeping(vtctld)), query: "select repeat('x', 12000000) as x" };
    const { result } = await vtctld.call("ExecuteFetchAsDBA", request);
    expect(result?.rows[0]?.values).toHaveLength(12_000_000);
  });

  test("nothing is left open by close, and nothing can be called after it", async () => {
    await using between = await wire(true);
    const vtctld = await openVtctld({ address: between.address });
    expect(between.clients()).toBe(1);
    await vtctld.close();
    await expect.poll(between.clients).toBe(0);
    await expect(vtctld.call("GetKeyspaces", {})).rejects.toThrow(/closed/);
  });
});
