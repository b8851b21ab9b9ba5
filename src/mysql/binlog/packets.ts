/** Bytes of a packet whose payload goes on in the next one. */
const LONGEST = 0xffffff;

/** Takes what a socket delivers and calls `packet` with every whole payload, one that is spread over packets put together. */
export function packetSplitter(packet: (payload: Buffer) => void): (chunk: Buffer) => void {
  /** What the last chunks left of an unfinished packet, header included. */
  let rest: Buffer[] = [];
  let length = 0;
  let wanted = 4;
  let parts: Buffer[] = [];

  return (chunk) => {
    rest.push(chunk);
    length += chunk.length;
    while (length >= wanted) {
      const bytes = rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat(rest, length);
      let at = 0;
      for (;;) {
        if (length - at < 4) {
          wanted = 4;
          break;
        }
        const size = bytes.readUIntLE(at, 3);
        if (length - at < 4 + size) {
          wanted = 4 + size;
          break;
        }
        const payload = bytes.subarray(at + 4, at + 4 + size);
        at += 4 + size;
        if (size === LONGEST) parts.push(payload);
        else if (parts.length === 0) packet(payload);
        else {
          const whole = Buffer.concat([...parts, payload]);
          parts = [];
          packet(whole);
        }
      }
      rest = at < length ? [bytes.subarray(at)] : [];
      length -= at;
    }
  };
}
