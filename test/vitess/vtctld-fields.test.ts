import { Client, credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import { describe, expect, inject, test } from "vitest";
import { messageTypes } from "../../src/vitess/vtctld/codec.ts";
import type { VtctldMethod } from "../../src/vitess/vtctld/field.ts";
import { calls } from "../../src/vitess/vtctld/messages/calls.ts";

const { kind, vtctld } = inject("vtgate");
const methods = Object.keys(calls) as VtctldMethod[];

describe.skipIf(kind !== "vitess" || vtctld === null)("what vtctld says of its own messages", () => {
  test("is what our tables say: every call, field, number and type, and every name of an enum", async () => {
    const theirs = await reflect(vtctld ?? "");
    const service = theirs.lookupService("vtctlservice.Vtctld");
    const faults: string[] = [];
    let compared = 0;
    const compare = (our: protobuf.Type, their: protobuf.Type, path: string): void => {
      for (const field of our.fieldsArray) {
        compared++;
        const where = `${path}.${field.name}`;
        const match = their.fieldsById[field.id];
        if (match === undefined) {
          faults.push(`${where}: no field ${field.id}`);
          continue;
        }
        if (plain(match.name) !== plain(field.name)) faults.push(`${where}: ${field.id} is ${match.name}`);
        const [ourItem, theirItem] = [itemOf(field), itemOf(match)];
        if (ourItem.shape !== theirItem.shape) faults.push(`${where}: ${ourItem.shape} is ${theirItem.shape}`);
        faults.push(...typeFaults(ourItem, theirItem, where));
        if (ourItem.of instanceof protobuf.Type && theirItem.of instanceof protobuf.Type) {
          compare(ourItem.of, theirItem.of, where);
        }
      }
    };
    for (const name of methods) {
      const method = service.methods[name]?.resolve() as protobuf.Method | undefined;
      if (!method?.resolvedRequestType || !method.resolvedResponseType) faults.push(`no call ${name}`);
      else {
        compare(messageTypes.lookupType(`${name}Request`), method.resolvedRequestType, `${name}Request`);
        compare(messageTypes.lookupType(`${name}Response`), method.resolvedResponseType, `${name}Response`);
      }
    }
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThan(400);
  });
});

interface Item {
  readonly shape: "one" | "list" | "map";
  readonly type: string;
  readonly of: protobuf.Type | protobuf.Enum | null;
}

/** What a field holds, one of or many. On the wire, and in a descriptor, a map is a list of messages with key and value. */
function itemOf(field: protobuf.Field): Item {
  const { type, repeated, map, resolvedType } = field.resolve();
  const value = resolvedType instanceof protobuf.Type && /Entry$/.test(type) ? resolvedType.fieldsById[2] : undefined;
  if (value !== undefined) return { ...itemOf(value), shape: "map" };
  return { shape: map ? "map" : repeated ? "list" : "one", type, of: resolvedType };
}

function typeFaults(our: Item, their: Item, where: string): string[] {
  if (our.of instanceof protobuf.Enum && their.of instanceof protobuf.Enum) {
    const { values } = their.of;
    const wrong = Object.entries(our.of.values).filter(([name, value]) => values[name] !== value);
    return wrong.map(([name, value]) => `${where}: ${name} is ${values[name]}, not ${value}`);
  }
  if (our.of instanceof protobuf.Type) return their.of instanceof protobuf.Type ? [] : [`${where}: is no message`];
  // An enum whose names are of no use here is read as the number it is.
  const theirs = their.of instanceof protobuf.Enum ? "int32" : their.type;
  return our.type === theirs ? [] : [`${where}: ${our.type} is ${theirs}`];
}

/** `VReplication`, `v_replication` and `vReplication` are one name. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** All files behind the service, over gRPC's server reflection. */
async function reflect(address: string): Promise<protobuf.Root> {
  const reflection = protobuf.Root.fromJSON({
    nested: {
      Request: { fields: { fileContainingSymbol: { type: "string", id: 4 } } },
      Files: { fields: { fileDescriptorProto: { rule: "repeated", type: "bytes", id: 1 } } },
      Response: { fields: { fileDescriptorResponse: { type: "Files", id: 4 } } },
    },
  });
  const [request, response] = [reflection.lookupType("Request"), reflection.lookupType("Response")];
  const client = new Client(address, credentials.createInsecure());
  try {
    const stream = client.makeBidiStreamRequest<object, protobuf.Message>(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      (value) => Buffer.from(request.encode(request.fromObject(value)).finish()),
      (bytes) => response.decode(bytes),
      { deadline: Date.now() + 20_000 },
    );
    stream.write({ fileContainingSymbol: "vtctlservice.Vtctld" });
    stream.end();
    const files: Uint8Array[] = [];
    for await (const answer of stream) {
      files.push(...(response.toObject(answer)["fileDescriptorResponse"]?.fileDescriptorProto ?? []));
    }
    const set = descriptor.FileDescriptorSet.create({
      file: files.map((bytes) => descriptor.FileDescriptorProto.decode(bytes)),
    });
    const read = protobuf.Root as unknown as { fromDescriptor(set: protobuf.Message): protobuf.Root };
    const root = read.fromDescriptor(set);
    root.resolveAll();
    return root;
  } finally {
    client.close();
  }
}
