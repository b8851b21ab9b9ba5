import type { ChainColumn } from "../../src/contracts/transform.ts";
import type { Constant } from "../constants/constant.ts";

/** Next to a literal, SQL makes something else of these; their bytes stay what they are. */
const asBytes = new Set(["bit", "binary", "geometry", "vector", "date", "time", "datetime", "timestamp"]);

/** SQL for a constant where `condition` holds, and for the column's own value elsewhere. */
export function constantWhere(
  condition: string,
  { sql: constant }: Constant,
  { kind }: ChainColumn,
  bytes: string,
  sql: string,
): string {
  return `IF(${condition}, ${constant}, ${asBytes.has(kind) ? bytes : sql})`;
}
