import type { Column } from "../../src/contracts/schema.ts";
import type { StepInput } from "../../src/contracts/transform.ts";

/** Exact arithmetic on an integer or decimal column: values are bigints in units of its last place. */
export interface NumberType {
  /** Places behind the point. */
  readonly scale: number;
  readonly min: bigint;
  readonly max: bigint;
  /** SQL type for CAST. */
  readonly castType: string;
  /** A cell's value. */
  read(value: Uint8Array): bigint;
  /** A number written in a config; null when it is none or has more places. */
  scaled(text: string): bigint | null;
  /** As the server prints it. */
  text(value: bigint): string;
  /** The cell of a value; throws when it is out of the type's range. */
  cell(value: bigint): Buffer;
}

const bits: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n };

/** Refuses zero-filled columns, whose values are padded by display width. */
export function numberType(input: StepInput, column: Column): NumberType {
  if (/zerofill/i.test(column.type)) {
    input.refuse(`Column "${column.name}" is ${column.type}, which prints padded.`, "Use `cast` or `sql` for it.");
  }
  const isDecimal = column.kind === "decimal";
  const [, precision = "10", places = "0"] =
    /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(isDecimal ? column.type : "") ?? [];
  const scale = isDecimal ? Number(places) : 0;
  const width = bits[/^[a-z]+/i.exec(column.type)?.[0].toLowerCase() ?? ""] ?? 64n;
  const max = isDecimal ? 10n ** BigInt(precision) - 1n : (1n << (column.unsigned ? width : width - 1n)) - 1n;
  const min = column.unsigned ? 0n : isDecimal ? -max : -max - 1n;
  const castType = isDecimal ? `DECIMAL(${precision},${scale})` : column.unsigned ? "UNSIGNED" : "SIGNED";
  const text = (value: bigint): string => {
    if (scale === 0) return value.toString();
    const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
    return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  };
  return {
    scale,
    min,
    max,
    castType,
    text,
    read: (value) =>
      BigInt(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1").replace(".", "")),
    scaled(given) {
      const [, sign, whole = "", fraction = ""] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(given) ?? [];
      const used = fraction.replace(/0+$/, "");
      if (sign === undefined || whole + fraction === "" || used.length > scale) return null;
      return BigInt(`${sign === "-" ? "-" : ""}${whole}${used.padEnd(scale, "0")}`);
    },
    cell(value) {
      if (value < min || value > max) throw new RangeError(`the result is out of the range of ${column.type}`);
      return Buffer.from(text(value), "latin1");
    },
  };
}
