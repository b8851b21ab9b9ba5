import fc from "fast-check";
import { expect, test } from "vitest";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import { createRowSplitter } from "../../../src/mysql/row-splitter.ts";

function packet(sequence: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence & 0xff;
  return Buffer.concat([header, payload]);
}

/** A row never begins with 0xff, nor with 0xfe unless it is very long. */
const row = fc.uint8Array({ minLength: 1, maxLength: 400 }).filter((bytes) => (bytes[0] as number) < 0xfe);

test("however rows are cut into chunks, the batches hold them whole and in order", () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 400 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 2000 }),
      fc.boolean(),
      (rows, cuts, batchBytes, reuse) => {
        const eof = Buffer.from([0xfe, 0, 0, 2, 0]);
        const payloads = [Buffer.from([2]), Buffer.from("one"), Buffer.from("two"), eof, ...rows, eof];
        const bytes = Buffer.concat(payloads.map((payload, i) => packet(i + 1, payload)));
        const seen: string[] = [];
        let ends = 0;
        // As a reader uses them: the last two are still looked at, those before are spent.
        const given: RowBatch[] = [];
        const spent = (): RowBatch | null => (reuse && given.length > 2 ? (given.shift() ?? null) : null);
        const feed = createRowSplitter(
          { batchBytes, deprecateEof: false, spent },
          {
            batch(batch) {
              expect(ends).toBe(0);
              given.push(batch);
              const [before] = given.slice(-2);
              expect(before === batch || before?.bytes.buffer !== batch.bytes.buffer).toBe(true);
              expect(batch.rows).toBeGreaterThan(0);
              expect(batch.offsets[0]).toBe(0);
              expect(batch.offsets[batch.rows]).toBe(batch.bytes.length);
              if (batch.rows > 1) expect(batch.bytes.length).toBeLessThanOrEqual(batchBytes);
              for (let i = 0; i < batch.rows; i++) {
                seen.push(batch.bytes.toString("hex", batch.offsets[i], batch.offsets[i + 1]));
              }
            },
            ended: () => {
              ends++;
            },
            refused: () => expect.unreachable(),
            broken: (why) => expect.unreachable(why),
          },
        );
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + (cuts[i % cuts.length] as number);
          feed(bytes.subarray(at, end));
          at = end;
        }
        expect(ends).toBe(1);
        expect(seen).toEqual(rows.map((bytes) => Buffer.from(bytes).toString("hex")));
      },
    ),
    { examples: [[[Uint8Array.from([0]), Uint8Array.from([0, 0])], [1], 2, false]] },
  );
});
