import { createHash } from "node:crypto";
import { perValue, type VindexFunction } from "./vindex.ts";

/** Vitess `binary_md5`: MD5 of the bytes, all 16 of them (vindexes/binarymd5.go). */
export function binaryMd5(): VindexFunction {
  return perValue((value) =>
    createHash("md5")
      .update(value ?? "")
      .digest(),
  );
}
