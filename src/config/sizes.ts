const units: Readonly<Record<string, number>> = { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

/** `"32 MiB"` or `"4096"` as bytes; anything else as it came, for the schema to refuse. */
export function byteSize(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parts = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmg]ib|b)\s*)?$/i.exec(value);
  if (parts === null) return value;
  return Math.round(Number(parts[1]) * (units[(parts[2] ?? "b").toLowerCase()] ?? 1));
}
