/** How long the packet at the start of `bytes` is, header included; null: that cannot be told yet. */
export type PacketLength = (bytes: Buffer) => number | null;

/** MySQL client/server protocol: three bytes of payload length, one of number. */
export const mysqlPacket: PacketLength = (bytes) => (bytes.length < 4 ? null : 4 + bytes.readUIntLE(0, 3));

/** RFC 8446, 5.1: one byte of type, two of version, two of length. */
export const tlsRecord: PacketLength = (bytes) => (bytes.length < 5 ? null : 5 + bytes.readUInt16BE(3));

/** Takes what a socket delivers and gives every whole packet, header included. The way of cutting may change between packets. */
export function packetCutter(lengthOf: PacketLength, each: (packet: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let length = lengthOf(rest); length !== null && length <= rest.length; length = lengthOf(rest)) {
      const packet = rest.subarray(0, length);
      rest = rest.subarray(length);
      each(packet);
    }
  };
}
