import { describe, expect, inject, test } from "vitest";
import { openVtctld, type VtctldServer } from "../../src/vitess/vtctld/client.ts";
import { ownVtctld } from "../support/own-vtctld.ts";

const none = { ca: null, cert: null, key: null, serverName: null };
const login = { user: "migration", password: "s3cret pass" };

/** What comes of connecting: the keyspaces, or the error. */
async function outcome(server: VtctldServer): Promise<object> {
  try {
    await using vtctld = await openVtctld(server);
    const { keyspaces } = await vtctld.call("GetKeyspaces", {});
    return { keyspaces: keyspaces.map(({ name }) => name).sort() };
  } catch (error) {
    const { code, message, todo, context } = error as { code: string; message: string; todo: string; context: object };
    expect(JSON.stringify({ message, todo, context })).not.toContain(login.password);
    return { code, message, todo, ...context };
  }
}

const { kind, keyspace, sourceKeyspace, host, port } = inject("vtgate");
const letIn = { keyspaces: [keyspace, sourceKeyspace].sort() };

describe.skipIf(kind !== "vitess")("a vtctld that does not let everybody in", () => {
  test("takes the login of static authentication, and no other", async () => {
    await using own = await ownVtctld({ login });
    const { address } = own;
    expect(await outcome({ address, login })).toEqual(letIn);
    const wrong = { code: "access", grpcCode: "PERMISSION_DENIED", todo: expect.stringContaining("handoff.login") };
    expect(await outcome({ address, login: { ...login, password: "wrong" } })).toMatchObject(wrong);
    expect(await outcome({ address })).toMatchObject({ code: "access", grpcCode: "UNAUTHENTICATED" });
    const encrypted = await outcome({ address, login, tls: none });
    expect(encrypted).toMatchObject({ code: "access", message: expect.stringContaining("wrong version number") });
  });

  test("takes a client certificate over TLS, whose own certificate is checked", async ({ task }) => {
    // grpc-js 1.14.7 keeps the socket of a server that ends the connection right after the handshake, until the process ends.
    task.meta.leftByLibrary = { socket: 1 };
    await using own = await ownVtctld({ login, tls: "mutual" });
    const { address, serverName } = own;
    const { ca, cert, key } = own.files;
    expect(await outcome({ address, login, tls: { ca, cert, key, serverName } })).toEqual(letIn);
    const hint = { code: "access", grpcCode: "UNAVAILABLE", todo: expect.stringContaining("handoff.tls") };
    const said = (text: string) => ({ ...hint, message: expect.stringContaining(text) });
    expect(await outcome({ address, login, tls: { ...none, ca, serverName } })).toMatchObject(
      said("certificate required"),
    );
    expect(await outcome({ address, login, tls: { ca, cert, key, serverName: "other.example" } })).toMatchObject(
      said("altnames"),
    );
    expect(await outcome({ address, login, tls: { ...none, cert, key, serverName } })).toMatchObject(
      said("unable to verify"),
    );
    expect(await outcome({ address, login })).toMatchObject({ code: "unreachable", grpcCode: "UNAVAILABLE" });
    expect(await outcome({ address, tls: { ca, cert, key, serverName } })).toMatchObject({
      code: "access",
      grpcCode: "UNAUTHENTICATED",
    });
  });

  test("TLS files that cannot be used are named before anything is sent", async () => {
    const address = "127.0.0.1:1";
    expect(await outcome({ address, tls: { ...none, ca: "/no/such/ca.pem" } })).toMatchObject({
      code: "config",
      message: expect.stringContaining("/no/such/ca.pem"),
    });
    expect(await outcome({ address, tls: { ...none, cert: "/some/cert.pem" } })).toMatchObject({ code: "config" });
  });

  test("a port that is not vtctld's gRPC port is told as such", async () => {
    const hint = { code: "unreachable", todo: expect.stringContaining("gRPC port") };
    expect(await outcome({ address: `${host}:${port}` })).toMatchObject(hint);
  });
});
