import type { AnswerShape } from "./protocol/answer-tracker.ts";
import { errorPayload, frame } from "./protocol/packets.ts";
import { limitError, limitsOf, type Session } from "./session.ts";
import type { Upstream } from "./upstream.ts";

/** The client's side of a connection. */
export interface ClientOutput {
  /** Sends bytes; a promise when the client has to catch up first. */
  write(bytes: Uint8Array): Promise<void> | undefined;
}

/**
 * Hands a command to a shard and its answer to the client, byte for byte, as fast as the client takes it. The one thing
 * changed: an answer past what Vitess carries ends in the error Vitess gives, and its rest is read and dropped.
 */
export async function relay(
  session: Session,
  upstream: Upstream,
  command: Uint8Array,
  shape: AnswerShape,
  output: ClientOutput,
): Promise<void> {
  let sent = 0;
  let refused = false;
  await upstream
    .exchange(
      command,
      shape,
      (chunk, { overrun }) => {
        if (refused) return undefined;
        if (overrun === null) {
          sent += chunk.length;
          return output.write(chunk);
        }
        refused = true;
        if (overrun.at < 0) throw new Error("the answer passed a limit where no error can be put");
        const { errno, sqlState, message } = limitError(placeOf(session, upstream.shard), overrun.what, overrun.bytes);
        const error = frame([errorPayload(errno, sqlState, message)], overrun.sequence + 1);
        return output.write(Buffer.concat([chunk.subarray(0, overrun.at), error]));
      },
      limitsOf(session),
    )
    .catch((error: unknown) => {
      throw sent > 0 ? new BrokenAnswer(error) : error;
    });
}

/** The client has part of an answer already: nothing but closing its connection can tell it so. */
export class BrokenAnswer extends Error {
  override readonly name: string = "BrokenAnswer";

  constructor(cause: unknown) {
    super("an answer was cut off", { cause });
  }
}

/** As Vitess names a tablet in errors. */
export function placeOf(session: Session, shard: string): string {
  return `${session.keyspace().name}.${shard}.primary`;
}
