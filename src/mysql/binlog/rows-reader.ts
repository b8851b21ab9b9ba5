import type { ServerAddress } from "../server-url.ts";
import { openSession, type Session } from "../session.ts";
import type { RowChanges, RowsDecoder } from "./rows-event.ts";

/** Reads rows events, also those with text in character sets that only the server knows. */
export interface RowsReader {
  /** Throws what the decoder and the session throw, and RangeError for text that is none. */
  read(decoder: RowsDecoder, type: number, body: Buffer): Promise<RowChanges>;
  close(): Promise<void>;
}

/** What one statement converts at most: MySQL takes 4096 columns, and a statement shall stay small. */
const ASKED_AT_ONCE = 1000;
const ASKED_BYTES = 1 << 20;
const nothing = Buffer.alloc(0);

interface Asked {
  readonly charset: string;
  readonly bytes: Buffer;
}

/** The session that asks the server is opened when there is something to ask. */
export function rowsReader(address: ServerAddress, signal: AbortSignal | undefined): RowsReader {
  let session: Session | null = null;
  return {
    async read(decoder, type, body) {
      const asked: Asked[] = [];
      const changes = decoder(type, body, (charset, bytes) => {
        asked.push({ charset, bytes });
        return nothing;
      });
      if (asked.length === 0) return changes;
      session ??= await openSession(address, { purpose: "source", ...(signal ? { signal } : {}) });
      const answers = await convertedByServer(session, asked);
      let next = 0;
      return decoder(type, body, () => answers[next++] as Buffer);
    },
    async close() {
      await session?.close();
    },
  };
}

async function convertedByServer(session: Session, asked: readonly Asked[]): Promise<Buffer[]> {
  const answers: Buffer[] = [];
  while (answers.length < asked.length) {
    const parts: string[] = [];
    for (let size = 0; size < ASKED_BYTES && parts.length < ASKED_AT_ONCE; ) {
      const value = asked[answers.length + parts.length];
      if (value === undefined) break;
      parts.push(
        `CONVERT(CONVERT(x'${value.bytes.toString("hex")}' USING ${value.charset}) USING utf8mb4) AS v${parts.length}`,
      );
      size += value.bytes.length * 2 + 80;
    }
    const [row = {}] = await session.query(`SELECT ${parts.join(", ")}`);
    for (const i of parts.keys()) {
      const text = row[`v${i}`];
      if (text == null) throw new RangeError("a text is not valid in its column's character set");
      answers.push(Buffer.from(text, "utf8"));
    }
  }
  return answers;
}
