/** Bytes of a digest that a number is drawn from: 48 bits, exact in a double. */
const drawBytes = 6;

/** A number from 0 up to `span` - 1 out of a digest. */
export function drawn(digest: Buffer, span: number, from = 0): number {
  return digest.readUIntBE(from, drawBytes) % span;
}

/** The same in SQL, from the digest as hex. */
export function drawSql(hex: string, span: number, from = 0): string {
  const part = from === 0 ? `LEFT(${hex}, ${2 * drawBytes})` : `SUBSTRING(${hex}, ${2 * from + 1}, ${2 * drawBytes})`;
  return `CAST(MOD(CAST(CONV(${part}, 16, 10) AS UNSIGNED), ${span}) AS SIGNED)`;
}
